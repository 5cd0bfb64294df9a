"""Pages of text, tables and images: one file without scripts, in which names are only ever text."""

from __future__ import annotations

import html

from gnntrack.evaluation.output import Block

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2933, #e6edf3); --rule: light-dark(#c6ced6, #2b3743) }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: light-dark(#ffffff, #11161c);
  max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
a { color: light-dark(#0b5f8a, #6fc3ff) }
table { border-collapse: collapse; margin: 0 0 1.5rem } caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--rule); text-align: right }
th { font-weight: 500; text-align: left } img { max-width: 100%; background: #ffffff; border: 1px solid var(--rule) }
figure { margin: 0 0 2rem } figcaption { margin: 0 0 .4rem }
"""


def text(content: str) -> str:
    """The content as text of a page, or of an attribute."""
    return html.escape(content, quote=True)


def document(title: str, parts: list[str]) -> str:
    """A page: it loads nothing but images beside it, and runs nothing.

    Args:
        title: plain text.
        parts: of its body, escaped.
    """
    policy = "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = "\n".join(parts)
    head += f"<title>{text(title)}</title><style>{_STYLE}</style>"
    return f"<!doctype html>\n<html lang=en><head>{head}</head>\n<body>{body}</body></html>\n"


def table(block: Block) -> str:
    """A table, its names as headers of rows."""
    header = "".join(f"<th>{text(cell)}" for cell in block.header)
    rows = [
        "".join(f"<t{'h' if place < block.names else 'd'}>{text(cell)}" for place, cell in enumerate(row))
        for row in block.rows
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{text(block.title)}</caption><tr>{header}</tr>{body}</table>"
