"""Renews the tables of docs/does-unitrack-help.md from results/*.md: rows stay, their figures are those of the file.

    python benchmarks/page_rows.py

A table stands between ``<!-- rows of FILE.md, SECTION -->`` and ``<!-- end of rows -->``; SECTION may be left out. Each
row is that of the section's first table with the same first cell; ``all rows of`` takes the whole table.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from gnntrack.files import write_text

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "does-unitrack-help.md"
_BLOCK = re.compile(r"(<!-- (all )?rows of ([\w.]+)(?:, (.+?))? -->\n)(.*?)(<!-- end of rows -->)", re.DOTALL)


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    text = PAGE.read_text(encoding="utf-8")
    write_text(PAGE, renewed(text))


def renewed(text: str) -> str:
    """The page with the figures of the results.

    Raises:
        KeyError: a row, a section or a file is not there.
    """
    return _BLOCK.sub(
        lambda match: f"{match[1]}\n{table(match[3], match[4], None if match[2] else match[5])}\n\n{match[6]}", text
    )


def table(file: str, section: str | None, old: str | None) -> str:
    """The rows of a result that the old table has (all, where there is none), with the result's heading."""
    head, rows = first_table((HERE / "results" / file).read_text(encoding="utf-8"), section)
    if old is None:
        return "\n".join([*head, *rows])
    known = {cell(line): line for line in rows}
    return "\n".join([*head, *(known[cell(line)] for line in old.strip().splitlines()[2:])])


def first_table(text: str, section: str | None) -> tuple[list[str], list[str]]:
    """Heading (two lines) and rows of the first table below a heading."""
    lines = text.splitlines()
    if section is not None:
        places = [place for place, line in enumerate(lines) if line.lstrip("#") == f" {section}" or line == section]
        if not places:
            raise KeyError(section)
        lines = lines[places[0] :]
    start = next(place for place, line in enumerate(lines) if line.startswith("|"))
    end = next((place for place in range(start, len(lines)) if not lines[place].startswith("|")), len(lines))
    return lines[start : start + 2], lines[start + 2 : end]


def cell(line: str) -> str:
    return line.split("|")[1].strip()


if __name__ == "__main__":
    main()
