"""``gnntrack warmup``."""

from __future__ import annotations

from typing import Annotated

import typer

from gnntrack.cli.output import say, say_weights


def warmup(
    weights: Annotated[str, typer.Option(help="Weights: a shipped name or a file of 'gnntrack train'.")] = "default",
) -> None:
    """Compile all that tracking needs, once on a machine, so that no stream has to wait for it."""
    import time

    from gnntrack.models import load_for_tracking
    from gnntrack.tracking.warmup_bar import warm_up_with_bar

    model, _ = load_for_tracking(weights)
    say_weights(weights)
    start = time.perf_counter()
    compiled = warm_up_with_bar(model) + warm_up_with_bar(model, offline=True)
    if compiled:
        say(f"compiled {compiled} functions in {time.perf_counter() - start:.0f} s")
    else:
        say("nothing to compile")
