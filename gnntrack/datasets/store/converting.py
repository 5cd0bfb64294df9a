"""From files to a graph store: annotations, and detections labelled by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled
from gnntrack.datasets.store.index import SHARDS, StoreIndex, read_index
from gnntrack.datasets.store.writing import MadeFrom, write_store
from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.graphs.settings import GraphSettings
from gnntrack.reading import Pair, read_video, videos
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tasks import Failures, Workers


@dataclass(frozen=True)
class GraphSource:
    """What graphs are made from.

    Attributes:
        path: a file or folder.
        format: of the files; recognised if missing.
        options: how they are read.
        recipe: the boxes and classes that graphs are made of; None: annotated boxes, and detections labelled by them.
    """

    path: str | Path
    format: str | None = None
    options: ReadingOptions = ReadingOptions()
    recipe: DatasetRecipe | None = None

    def items(self, fail_fast: bool = False) -> Iterator[Labelled | Sequence]:
        """The boxes of every video, with their identities where these are known.

        Args:
            fail_fast: whether the first video that cannot be read ends all; else the error comes last.

        Raises:
            DataError: there is nothing to read, or a video cannot be read.
            FailedTasksError: some of many cannot be read.
        """
        format_ = find_format(self.path, self.format)[0]
        every = videos(self.path, self.options, format_)
        failures = Failures(len(every), fail_fast)
        for number, video in enumerate(every):
            try:
                for pair in read_video(video, self.options, format_):
                    if self.recipe is None:
                        yield from all_boxes(pair)
                    elif pair.annotations is not None:
                        yield from labelled(self.recipe, pair)
            except DataError as error:
                failures.note(number, error)
        failures.raise_any("graphs", there=False)

    def made_from(self) -> MadeFrom:
        """The same in plain values, to tell stores of other boxes apart."""
        classes = {"classes": list(self.options.classes)} if self.options.classes else {}
        selection = {
            "format": find_format(self.path, self.format)[0].name,
            "dataset": None if self.recipe is None else self.recipe.model_dump(mode="json"),
            "sequences": list(self.options.sequences),
            "detections": self.options.detections,
        }
        return MadeFrom(self.path, selection | classes)


def convert_to_graphs(
    source: GraphSource,
    output: str | Path,
    settings: GraphSettings,
    overwrite: bool = False,
    workers: int | Workers = 1,
) -> Iterator[str]:
    """Writes the graphs of every sequence of a source.

    A store that is unfinished is finished, one that is older than its source or settings is brought up to date, and
    one that is up to date stays as it is.

    Yields:
        A line for people on each step.

    Raises:
        DataError: something cannot be read or written.
        FailedTasksError: some of many videos cannot be read.
    """
    yield f"reading {find_format(source.path, source.format)[1]}"
    before = _whole(output)
    made_from = source.made_from()
    workers = Workers.of(workers)
    items = source.items(workers.fail_fast)
    index = write_store(output, items, settings, workers=workers, overwrite=overwrite, made_from=made_from)
    if index == before and not overwrite:
        yield f"{output} is up to date"
        return
    for number, entry in enumerate(index.sequences):
        shards = [shard for shard in index.shards if shard.sequence == number]
        edges, windows = sum(shard.edges for shard in shards), sum(shard.windows for shard in shards)
        yield f"{entry.name}: {entry.boxes} boxes, {edges} candidate links, {windows} windows in {len(shards)} shards"
    yield f"wrote {output}: {sum(shard.windows for shard in index.shards)} windows"


def all_boxes(pair: Pair) -> Iterator[Labelled | Sequence]:
    """The boxes of a video that graphs are made of, with their identities where these are known."""
    if pair.annotations is not None:
        yield label_annotations(pair.annotations)
    if pair.detections is not None:
        known = pair.annotations
        yield pair.detections if known is None else label_detections(pair.detections, known)


def _whole(folder: str | Path) -> StoreIndex | None:
    """The index of a finished store that has all its shards, if there is one."""
    try:
        index = read_index(folder)
    except DataError:
        return None
    return index if all((as_path(folder) / SHARDS / shard.file).is_file() for shard in index.shards) else None
