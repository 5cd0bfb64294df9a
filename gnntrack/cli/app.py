"""The application: its verbs, and the one place where errors become one line and exit code 2."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from gnntrack import __version__
from gnntrack.cli import data, demo, evaluate, explain, inspect, synth, track, train, train_parts, view
from gnntrack.cli.output import say, tolerate_encodings
from gnntrack.errors import DataError, DataWarning

app = typer.Typer(
    help="Multi-object tracking with learned association: boxes become graphs, graphs become tracks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(data.convert)
app.command()(data.check)
app.command()(train.train)
app.command()(train_parts.train_tracklets)
app.command()(train_parts.train_smoothing)
app.command()(track.track)
app.command(name="eval")(evaluate.evaluate)
app.command()(inspect.inspect)
app.command()(explain.explain)
app.command()(view.view)
app.add_typer(synth.app, name="synth")
app.command()(demo.demo)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the verb that the arguments name."""
    tolerate_encodings()
    shown: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        # one line a warning of ours; other packages' hints are not the user's business
        if issubclass(category, DataWarning) and str(message) not in shown:
            shown.add(str(message))
            print(f"warning: {message}", file=sys.stderr)

    warnings.simplefilter("always", DataWarning)
    warnings.showwarning = show
    try:
        app()
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
