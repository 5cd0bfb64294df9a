"""From one file format to another, sequence by sequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.registry import by_name, find_format
from gnntrack.outputs import output_folder
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence


@dataclass
class Conversion:
    """What was converted.

    Attributes:
        source: the format read, and why if it was guessed.
        target: the format written.
        sequences: number of sequences of each content.
        boxes: number of boxes of each content.
        skipped: rows that were dropped on request.
    """

    source: str
    target: str
    sequences: dict[str, int] = field(default_factory=dict)
    boxes: dict[str, int] = field(default_factory=dict)
    skipped: int = 0

    def summary(self) -> str:
        """One line for people."""
        parts = [f"{self.boxes[key]} {key} in {count} sequences" for key, count in self.sequences.items()]
        dropped = f"; {self.skipped} rows without a size dropped" if self.skipped else ""
        return f"{self.source} to {self.target}: {', '.join(parts) or 'nothing'}{dropped}"


def convert(
    source: str | Path,
    output: str | Path,
    to: str,
    from_: str | None = None,
    options: ReadingOptions = ReadingOptions(),
    contents: list[Content] | None = None,
    overwrite: bool = False,
) -> Conversion:
    """Reads everything at ``source`` and writes it below ``output`` in the format ``to``.

    The output appears as a whole or not at all: it is written beside its final place and then renamed.

    Args:
        source: a file or folder.
        output: a folder that is missing, empty or, with ``overwrite``, an earlier output.
        to: name of the format to write.
        from_: name of the format to read; guessed if missing.
        options: how tolerant reading is.
        contents: what to convert; by default all that there is.
        overwrite: replace an output that exists.

    Raises:
        DataError: something cannot be read, held by the format, or written.

    Example:
        >>> import tempfile, motmetrics
        >>> source = Path(motmetrics.__file__).parent / "data" / "TUD-Campus" / "gt.txt"
        >>> options = ReadingOptions(size=(640, 480), frame_rate=25)
        >>> print(convert(source, Path(tempfile.mkdtemp()) / "out", "kitti", "mot", options).summary())
        mot to kitti: 359 annotations in 1 sequences
    """
    source, output = Path(source), Path(output)
    reader, words = find_format(source, from_)
    writer = by_name(to)
    done = Conversion(words, to)
    with output_folder(output, "convert", source=source, settings={"to": to}, overwrite=overwrite) as folder:
        contents = contents or reader.contents(source, options)
        for content in contents:
            found = iterate(source, content, options, reader)
            empty, sequences = _peeked(_counted(found, source, content, done))
            if empty and contents[1:]:  # a list of images alone, beside detections, holds no annotations
                done.sequences.pop(content, None)
            else:
                writer.write(folder.path, sequences, content)
        if not done.sequences:
            raise reader.nothing_at(source, options, contents)
    return done


def _peeked(sequences: Iterator[Sequence]) -> tuple[bool, Iterator[Sequence]]:
    """Whether none of the sequences has a box, and all of them again."""
    passed = []
    for sequence in sequences:
        passed.append(sequence)
        if len(sequence):
            return False, chain(passed, sequences)
    return True, iter(passed)


def _counted(found: Iterator[Sequence], source: Path, content: Content, done: Conversion) -> Iterator[Sequence]:
    """The sequences of one content, counted as they pass."""
    names = set()
    for sequence in found:
        if sequence.name in names:
            raise DataError(f"two sequences are named {sequence.name!r}", remedy="rename one", path=source)
        names.add(sequence.name)
        done.sequences[content] = done.sequences.get(content, 0) + 1
        done.boxes[content] = done.boxes.get(content, 0) + len(sequence)
        done.skipped += sequence.skipped
        yield sequence
