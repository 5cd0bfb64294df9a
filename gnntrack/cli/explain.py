"""``gnntrack explain``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.named import named
from gnntrack.cli.options import AsJson, GroundTruth, Source
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading


@with_reading
def explain(
    source: Source,
    frame: Annotated[int, typer.Option(help="The frame.")],
    identity: Annotated[int, typer.Option("--id", help="The track's id.")],
    weights: Annotated[str, typer.Option(help="Weights that score the links: a shipped name or a file.")],
    tracks: Annotated[
        Path | None,
        typer.Option(parser=PATH, help="The result to explain; without it the offline tracker makes one."),
    ] = None,
    gt: GroundTruth = None,
    loss: Annotated[str, typer.Option(help="Loss recipe whose terms judge the rivals.")] = "unitrack",
    reading: Reading = AS_USUAL,
    tracks_frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the results: 0 or 1.", min=0, max=1)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain why a box was linked: the chosen link, its rivals, their scores, and the ground truth."""
    from gnntrack.inspection.explain import explain as explain_box
    from gnntrack.inspection.explanation import to_dict
    from gnntrack.inspection.open import open_scored
    from gnntrack.losses import build_loss

    options = reading.options()
    of_tracks = replace(options, frame_base=tracks_frame_base)
    graph, result, settings = open_scored(source, weights, tracks, gt, options, reading.format(), of_tracks)
    say_weights(weights)
    explanation = explain_box(graph, result, frame, identity, build_loss(named(loss)), settings.window)
    if as_json:
        say(json.dumps(to_dict(explanation)))
        return
    from rich.console import Console

    from gnntrack.inspection.report import explanation_text

    Console(width=max(Console().width, 110)).print(explanation_text(explanation))
