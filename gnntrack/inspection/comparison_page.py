"""A comparison as one HTML file: tables, wins and losses, and the worst moments, each a link into a page to watch."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from urllib.parse import quote

from gnntrack.evaluation.comparison import Comparison
from gnntrack.evaluation.output import Block, of_comparison
from gnntrack.evaluation.pair_types import Results
from gnntrack.evaluation.report import scores_and_errors
from gnntrack.evaluation.rules import Benchmark
from gnntrack.files import write_text
from gnntrack.inspection.moments import Moment, worst_moments
from gnntrack.inspection.plots.wins import draw_wins
from gnntrack.inspection.view import PageOptions, write_page
from gnntrack.outputs import output_folder

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 0 0 1.5rem } caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #e4e7eb; text-align: right }
th { font-weight: 500; text-align: left } img { max-width: 100% }
"""


def write_comparison_page(
    path: str | PathLike[str],
    comparison: Comparison,
    results: Results,
    benchmark: str | Benchmark = "custom",
    most: int = 8,
    overwrite: bool = False,
) -> list[Path]:
    """Writes the report, and beside it, in ``NAME-view``, a page for every video that has one of the worst moments.

    The report needs no network; nothing in it is a script, and names are only ever text.

    Args:
        path: the ``.html`` file.
        comparison: of the results; one result is fine.
        results: what was compared.
        benchmark: whose rules decide what counts.
        most: moments of each result.
        overwrite: replace the folder of an earlier report.

    Returns:
        The pages to watch.

    Raises:
        DataError: the folder holds something else.
    """
    path = Path(path)
    folder = path.with_name(f"{path.stem}-view")
    pages: list[Path] = []
    *blocks, videos = of_comparison(comparison)
    parts = [f"<h1>{_text(' · '.join(comparison.rows))}</h1>", *map(_table, blocks)]
    if comparison.differences:
        parts.append(f'<img alt="wins and losses" src="{_image(comparison)}">')
    with output_folder(folder, "eval", overwrite=overwrite) as output:
        for number, (name, pairs) in enumerate(results.items(), 1):
            moments = worst_moments(scores_and_errors(pairs, benchmark)[1], most)
            addresses = {}
            for position, video in enumerate(dict.fromkeys(moment.sequence for moment in moments), 1):
                page = f"{number}-{position}.html"
                truth, tracks = pairs[video]
                other = results[comparison.first][video][1] if number > 1 else None
                write_page(
                    output.path / page, tracks, truth=truth, other=other, options=PageOptions(benchmark=benchmark)
                )
                addresses[video] = f"{quote(folder.name)}/{page}"
                pages.append(folder / page)
            parts += [f"<h2>Worst moments of {_text(name)}</h2>", _list(moments, addresses)]
    parts.append(_table(videos))
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    title = f"<title>{_text(' · '.join(comparison.rows))}</title>"
    body = "\n".join(parts)
    page_text = f"<!doctype html>\n<html lang=en><head>{head}{title}<style>{_STYLE}</style></head>\n<body>{body}</body>"
    write_text(path, f"{page_text}</html>\n")
    return pages


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _table(block: Block) -> str:
    header = "".join(f"<th>{_text(cell)}" for cell in block.header)
    rows = [
        "".join(f"<t{'h' if place < block.names else 'd'}>{_text(cell)}" for place, cell in enumerate(row))
        for row in block.rows
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{_text(block.title)}</caption><tr>{header}</tr>{body}</table>"


def _list(moments: list[Moment], addresses: Mapping[str, str]) -> str:
    if not moments:
        return "<p>No errors.</p>"
    lines = []
    for moment in moments:
        counts = moment.counts
        errors = f"{counts['idsw']} switches, {counts['misses']} misses, {counts['false_positives']} false positives"
        where = f"{moment.sequence}, frames {moment.first} to {moment.last}"
        link = f"{addresses[moment.sequence]}#frame={moment.first}"
        lines.append(f'<li><a href="{_text(link)}">{_text(where)}</a>: {errors}</li>')
    return f"<ol>{''.join(lines)}</ol>"


def _image(comparison: Comparison) -> str:
    stream = io.BytesIO()
    draw_wins(comparison).savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
