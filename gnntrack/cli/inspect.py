"""``gnntrack inspect``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import AsJson


def inspect(
    source: Annotated[Path, typer.Argument(help="A graph file of 'gnntrack convert'.")],
    as_json: AsJson = False,
) -> None:
    """Show what a graph is made of: boxes, links, components."""
    from gnntrack.datasets.store import read_graph
    from gnntrack.inspection.statistics import describe

    figures = describe(read_graph(source))
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        for name, value in figures.items():
            typer.echo(f"{name:>24}  {value}")
