"""``gnntrack bench``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gnntrack import __version__
from gnntrack.cli.options import BenchmarkName, Overwrite
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading

if TYPE_CHECKING:
    from gnntrack.bench import Measured, Run

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FILES = ("bench.json", "bench.csv", "bench.md")


@with_reading
def bench(
    source: Annotated[
        Path,
        typer.Argument(parser=PATH, metavar="DATA", help="Sequences with annotations and detections, in any format."),
    ],
    weights: Annotated[
        list[str] | None,
        typer.Option(help="Weights: a shipped name or a file; several may be given.", show_default="default"),
    ] = None,
    peers: Annotated[
        str, typer.Option(help="Trackers of the package trackers to hold ours against, with commas; none: ours alone.")
    ] = "sort,bytetrack,ocsort,botsort,cbiou",
    mode: Annotated[
        Literal["online", "offline"] | None, typer.Option(help="Of ours, online with and without a lag; default: all.")
    ] = None,
    lag: Annotated[int, typer.Option(metavar="FRAMES", help="How much later.", min=1)] = 15,
    benchmark: Annotated[
        BenchmarkName | None, typer.Option(help="Whose rules decide what counts; default: those of the annotations.")
    ] = None,
    reading: Reading = AS_USUAL,
    only_annotated_frames: Annotated[
        bool, typer.Option("--only-annotated-frames", help="Leave out results in frames without any annotation.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=PATH, help="Folder to write: bench.json, bench.csv and bench.md."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare ours with other trackers on your annotated boxes: scores, speed, and the gain over the best of them."""
    _on_one_thread()
    from gnntrack.bench import PEERS, Asked, measure, peer
    from gnntrack.bench.peers import chosen_peers
    from gnntrack.bench.report import blocks
    from gnntrack.evaluation.output import print_blocks
    from gnntrack.evaluation.pairs import read_truths
    from gnntrack.progress import StderrReport
    from gnntrack.reading import read

    others: dict[str, Run] = {PEERS[name].title: peer(name) for name in chosen_peers(peers)}
    named = _names(weights or ["default"])
    ways = {title: way for title, way in _ways(lag).items() if mode in (None, way[0])}
    mine = {_title(name, title, named): run(each) for name, each in named.items() for title, (_, run) in ways.items()}
    first = next(iter(named))
    references = {
        _title(name, title, named): _title(first, title, named) for name in named if name != first for title in ways
    }
    options = reading.options()
    classes = tuple(map(str, options.classes))
    about = {"gnntrack": __version__, "weights": list(named), "peers": peers, "source": source.name}
    with _written_to(output, source, overwrite) as write:
        truths = read_truths(source, replace(options, classes=()), reading.format(), classes)
        detections = {boxes.name: boxes for boxes in read(source, "detections", options, reading.format())}
        for each in named.values():
            say_weights(each)
        asked = Asked(truths, detections, mine, others, benchmark, classes, only_annotated_frames, references)
        with StderrReport() as report:
            found = measure(asked, report.moved)
        for name, why in found.left_out.items():
            say(f"{name}: {why}; left out", err=True)
        write(found, about)
    print_blocks(blocks(found))
    if output is not None:
        say(f"wrote {', '.join(f'{output}/{file}' for file in FILES)}", err=True)


def _on_one_thread() -> None:
    """Says so to what is not loaded yet."""
    if "numpy" not in sys.modules:
        os.environ.update(dict.fromkeys(_THREADS, "1"))


def _names(weights: list[str]) -> dict[str, str]:
    """What each of the weights is called: the name of its file, with its folder's where two are alike.

    Raises:
        DataError: some are given twice.
    """
    from gnntrack.errors import DataError

    if len(set(weights)) < len(weights):
        raise DataError("weights that are given twice", remedy="give each --weights once")
    stems = [Path(each).stem for each in weights]
    full = [Path(each).with_suffix("").as_posix() for each in weights]
    alike = len(set(stems)) < len(stems)
    return dict(zip(full if alike else stems, weights, strict=True))


def _title(name: str, way: str, named: Mapping[str, str]) -> str:
    return f"{name if len(named) > 1 else 'gnntrack'}, {way}"


def _ways(lag: int) -> dict[str, tuple[str, Callable[[str], Run]]]:
    """Our ways of tracking, as rows name them."""
    from gnntrack.bench import ours

    return {
        "online": ("online", lambda weights: ours("online", weights)),
        f"{lag} frames late": ("online", lambda weights: ours("online", weights, lag=lag)),
        "offline": ("offline", lambda weights: ours("offline", weights)),
    }


@contextmanager
def _written_to(
    output: Path | None, source: Path, overwrite: bool
) -> Iterator[Callable[[Measured, dict[str, Any]], None]]:
    """A function that writes the files, into a folder that is refused before anything is measured."""
    from gnntrack.bench.report import as_csv_text, as_json, as_markdown
    from gnntrack.files import write_text
    from gnntrack.outputs import output_folder

    if output is None:
        yield lambda found, about: None
        return
    with output_folder(output, "bench", source=source, overwrite=overwrite) as folder:

        def write(found: Measured, about: dict[str, Any]) -> None:
            for name, text in zip(FILES, (as_json(found, about), as_csv_text(found), as_markdown(found)), strict=True):
                write_text(folder.path / name, text)

        yield write
