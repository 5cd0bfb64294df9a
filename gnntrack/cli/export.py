"""``gnntrack export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import Overwrite
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH


def export(
    onnx: Annotated[Path, typer.Option(parser=PATH, metavar="OUT", help="File to write: network.onnx.")],
    weights: Annotated[str, typer.Option(help="Weights: a shipped name or a file of 'gnntrack train'.")] = "default",
    network: Annotated[
        Literal["association", "relinking"], typer.Option(help="Which of the networks that score links.")
    ] = "association",
    overwrite: Overwrite = False,
) -> None:
    """Write a network that scores links as ONNX, for runtimes without Python."""
    from gnntrack.errors import DataError
    from gnntrack.models import CompiledNetworks, load_for_tracking
    from gnntrack.models.onnx_export import write_onnx
    from gnntrack.outputs.places import check_file

    check_file(onnx, overwrite, ())
    networks, _ = load_for_tracking(weights)
    if not isinstance(networks, CompiledNetworks):
        remedy = "give weights of kind association"
        raise DataError("networks of window graphs cannot be exported", remedy=remedy, path=weights)
    if network == "relinking" and networks.tracklets is None:
        raise DataError("these weights have no relinking network", remedy="export --network association", path=weights)
    say_weights(weights)
    members = (
        (networks.weights,) if networks.tracklets is None or network == "association" else networks.tracklets.members
    )
    write_onnx(onnx, members)
    say(f"wrote {onnx}: the {network} network")
