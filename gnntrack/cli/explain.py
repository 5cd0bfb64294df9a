"""``gnntrack explain``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import AsJson, ConfidenceOption, FrameBase, GroundTruth, Source
from gnntrack.cli.output import say, say_weights


def explain(
    source: Source,
    frame: Annotated[int, typer.Option(help="The frame to look at.")],
    identity: Annotated[int, typer.Option("--id", help="The track's id.")],
    weights: Annotated[str, typer.Option(help="Weights that score the links: a shipped name or a file.")],
    tracks: Annotated[
        Path | None, typer.Option(help="The result to explain; without it the offline tracker makes one.")
    ] = None,
    gt: GroundTruth = None,
    loss: Annotated[str, typer.Option(help="Loss recipe whose terms judge the rivals.")] = "unitrack",
    frame_base: FrameBase = None,
    confidence: ConfidenceOption = "check",
    as_json: AsJson = False,
) -> None:
    """Say why a box was linked as it was: the chosen link, its rivals, their scores, and what the truth says."""
    from gnntrack.datasets.raw import ReadOptions
    from gnntrack.inspection.explain import explain as explain_box
    from gnntrack.inspection.explain import to_dict
    from gnntrack.inspection.open import open_scored
    from gnntrack.losses import build_loss

    options = ReadOptions(frame_base=frame_base, confidence=confidence)
    graph, result, settings = open_scored(source, weights, tracks, gt, options)
    say_weights(weights)
    explanation = explain_box(graph, result, frame, identity, build_loss(loss), settings.window)
    if as_json:
        say(json.dumps(to_dict(explanation)))
        return
    from rich.console import Console

    from gnntrack.inspection.report import explanation_text

    Console(width=max(Console().width, 110)).print(explanation_text(explanation))
