"""The application: its verbs, and the one place where errors become one line and exit code 2."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated

import typer

from gnntrack import __version__
from gnntrack.cli import (
    adapt,
    bench,
    data,
    demo,
    draw,
    evaluate,
    explain,
    export,
    inspect,
    recipe,
    synth,
    track,
    train,
    tune,
    view,
    warmup,
)
from gnntrack.cli.output import say, tolerate_encodings
from gnntrack.cli.signals import stop_signals
from gnntrack.cli.stopping import STOPPED
from gnntrack.errors import DataError, DataWarning, FailedTasksError
from gnntrack.notices import NoBoxes, told
from gnntrack.packages import needed_package
from gnntrack.showing import shown

app = typer.Typer(
    help="Multi-object tracking with learned association: boxes become graphs, graphs become tracks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
#: Exit code where some of many sequences failed.
SOME_FAILED = 1
app.command()(data.convert)
app.command()(data.check)
app.command()(train.train)
app.command()(adapt.adapt)
app.command()(track.track)
app.command()(warmup.warmup)
app.command()(export.export)
app.command()(tune.tune)
app.command()(draw.draw)
app.command(name="eval")(evaluate.evaluate)
app.command()(bench.bench)
app.command()(inspect.inspect)
app.command()(explain.explain)
app.command()(view.view)
app.add_typer(synth.app, name="synth")
app.add_typer(recipe.app, name="recipe")
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
    said, lacking = set[str](), list[DataWarning]()

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        # one line a warning of ours; other packages' hints are not the user's business
        if isinstance(message, NoBoxes):
            lacking.append(message)  # told at the end: how many there are
        elif issubclass(category, DataWarning) and str(message) not in said:
            said.add(str(message))
            print(f"warning: {message}", file=sys.stderr)

    warnings.simplefilter("always", DataWarning)
    warnings.showwarning = show
    with stop_signals() as stop:
        try:
            code = _run(lacking)
        except BaseException:
            if not stop.came:
                raise
        if stop.came:
            print("stopped; what was finished stays", file=sys.stderr)
            code = STOPPED
    sys.exit(code)


def _verb() -> str:
    """What was asked for, for an error."""
    return " ".join(["gnntrack", *sys.argv[1:2]])


def _run(lacking: list[DataWarning]) -> int:
    """Runs the verb; its exit code.

    Args:
        lacking: warnings that are told when the verb has ended; it grows meanwhile.
    """
    code = 0
    try:
        try:
            with needed_package(_verb()):
                app()
        except SystemExit as end:  # typer's own way out, success included
            code = int(end.code or 0)
        finally:
            for line in told(lacking):
                print(f"warning: {line}", file=sys.stderr)
        sys.stdout.flush()
    except DataError as error:
        failed = error.listed() if isinstance(error, FailedTasksError) else []
        for line in (*failed, f"error: {error}"):
            print(line, file=sys.stderr)
        return SOME_FAILED if isinstance(error, FailedTasksError) else 2
    except OSError as error:  # such as a full disk behind ">"; writing to files has its own errors
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python tries once more when it ends
        where = "" if error.filename is None else f"{shown(error.filename)}: "
        print(f"error: {where}cannot read or write: {error.strerror or error}", file=sys.stderr)
        return 2
    return code
