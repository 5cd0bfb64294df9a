"""From files to a graph store: annotations, and detections labelled by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled
from gnntrack.datasets.store.index import SHARDS, StoreIndex, read_index
from gnntrack.datasets.store.writing import write_store
from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.graphs import GraphSettings
from gnntrack.reading import Pair, iterate
from gnntrack.sequence import Sequence


def convert_to_graphs(
    source: str | Path,
    output: str | Path,
    settings: GraphSettings,
    from_: str | None = None,
    options: ReadingOptions = ReadingOptions(),
    overwrite: bool = False,
    workers: int = 1,
    recipe: DatasetRecipe | None = None,
) -> Iterator[str]:
    """Writes the graphs of every sequence at ``source``: of annotated boxes, and of detections labelled by them.

    With a recipe, graphs are made of the boxes and classes that it names.

    A store that is unfinished is finished, one that is older than its source or settings is brought up to date.

    Yields:
        A line for people on each step.

    Raises:
        DataError: something cannot be read or written, or the output is up to date already.
    """
    format_, words = find_format(source, from_)
    yield f"reading {words}"
    pairs = iterate(source, "pairs", options, format_)
    if recipe is None:
        items = (item for pair in pairs for item in all_boxes(pair))
    else:
        items = (item for pair in pairs if pair.annotations is not None for item in labelled(recipe, pair))
    selection = {
        "format": format_.name,
        "dataset": None if recipe is None else recipe.model_dump(mode="json"),
        "sequences": list(options.sequences),
        "detections": options.detections,
    }
    yield from report_store(output, items, settings, overwrite, workers, source, selection)


def all_boxes(pair: Pair) -> Iterator[Labelled | Sequence]:
    """The boxes of a video that graphs are made of, with their identities where these are known."""
    if pair.annotations is not None:
        yield label_annotations(pair.annotations)
    if pair.detections is not None:
        known = pair.annotations
        yield pair.detections if known is None else label_detections(pair.detections, known)


def report_store(
    output: str | Path,
    items: Iterable[Labelled | Sequence],
    settings: GraphSettings,
    overwrite: bool = False,
    workers: int = 1,
    source: str | Path | None = None,
    selection: dict[str, Any] | None = None,
) -> Iterator[str]:
    """Writes a store and says in lines what became of it.

    Raises:
        DataError: the store is up to date and ``overwrite`` was not asked for.
    """
    before: StoreIndex | None
    try:
        before = read_index(output)
        if not all((Path(output) / SHARDS / shard.file).is_file() for shard in before.shards):
            before = None
    except DataError:
        before = None
    index = write_store(
        output, items, settings, workers=workers, overwrite=overwrite, source=source, selection=selection
    )
    if index == before and not overwrite:
        raise DataError("output exists and is up to date", remedy="pass --overwrite or choose another", path=output)
    for number, entry in enumerate(index.sequences):
        shards = [shard for shard in index.shards if shard.sequence == number]
        edges, windows = sum(shard.edges for shard in shards), sum(shard.windows for shard in shards)
        yield f"{entry.name}: {entry.boxes} boxes, {edges} candidate links, {windows} windows in {len(shards)} shards"
    yield f"wrote {output}: {sum(shard.windows for shard in index.shards)} windows"
