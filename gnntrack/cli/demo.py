"""``gnntrack demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import AsJson, Overwrite, Seed
from gnntrack.cli.output import say
from gnntrack.cli.paths import LOCAL


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", parser=LOCAL, help="Folder to write.")] = Path("demo"),
    seed: Seed = 0,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Train on one real street scene, track another, and compare with a plain baseline; about two minutes."""
    from gnntrack.demo import run_demo
    from gnntrack.evaluation.table import print_table

    result = run_demo(output, seed, overwrite, say=lambda line: say(line, err=True))
    if as_json:
        say(result.to_json())
        return
    print_table(result.rows, f"{result.sequence}, the same boxes for all; percent", "tracker")
    say(f"{result.seconds:.0f} s; wrote {output}: tracks/, metrics.json, curves.png, graph.png, run/")
