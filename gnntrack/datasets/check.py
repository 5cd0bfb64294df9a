"""The data doctor: everything that is wrong with a data set, in one pass, and what it looks like."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gnntrack.datasets.check_report import CheckReport
from gnntrack.datasets.statistics import describe, detection_quality
from gnntrack.errors import DataError, DataWarning, MachineError, joined
from gnntrack.formats.classes import choose_classes
from gnntrack.formats.format import Format
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.raw import MissingFile, RawSequence
from gnntrack.formats.registry import find_format
from gnntrack.notices import told
from gnntrack.reading import Video, videos
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tasks import Outcome, Progress, Workers, no_progress, opened
from gnntrack.tasks.outcome import Task


def check(
    path: str | Path,
    from_: str | None = None,
    options: ReadingOptions = ReadingOptions(),
    listed: int = 5,
    workers: int | Workers = 1,
    progress: Progress = no_progress,
) -> CheckReport:
    r"""Reads everything at ``path``, notes every problem instead of stopping at the first, and describes the rest.

    Args:
        path: a file or folder.
        from_: name of its format; guessed if missing.
        options: how tolerant reading is.
        listed: how many problems of each kind and file are listed; all are counted.
        workers: where, or in how many processes; with ``fail_fast``, the first video with a problem is the last.
        progress: shows how far it is.

    Raises:
        DataError: there is nothing to read at all.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "gt.txt"
        >>> _ = file.write_text("1,1,5,5,10,20,1\n1,1,6,5,10,20,1\n2,1,5,5,0,20,1\n")
        >>> report = check(file)
        >>> dict(report.counts), report.sequences["annotations"][0]["boxes"]
        ({'size': 1, 'duplicate': 1}, 1)
    """
    path, workers = as_path(path), Workers.of(workers)
    format_, words = find_format(path, from_)
    report = CheckReport(str(path), words)
    contents = format_.contents(path, options)
    every, without = _videos(workers.found(path), contents, format_, options)
    more = {"format": from_ or format_.name, "options": options, "listed": listed}
    checked: dict[int, _Checked] = {}
    stopped = workers.fail_fast and bool(without)
    with opened(workers) as engine:
        tasks = [{"about": video.name, "video": video, **more} for video in every if not stopped]
        for outcome in progress(engine.run(check_video, tasks), len(tasks), "checking"):
            checked[outcome.number] = _what_was_found(outcome, every[outcome.number])
            if workers.fail_fast and not checked[outcome.number].sound:
                break
    report.unchecked = len(every) - len(checked)
    ordered = [each for _, each in sorted(checked.items())]
    for content in contents:
        for part in [each.parts[content] for each in ordered if content in each.parts]:
            report.join(part)
        for error in without.get(content, ()):
            report.add("unreadable", [error], 1)
    whole = [error for each in ordered for error in each.whole]
    report.problems += map(str, joined(whole))
    report.counts += Counter({"sequence": len(whole)})
    notices = [notice for content in contents for each in ordered for notice in each.notices[content]]
    for text in told(notice for notice in notices if isinstance(notice, MissingFile)):
        report.add("missing", [DataError(text)], 1)
    others = told(notice for notice in notices if not isinstance(notice, MissingFile))
    report.notices += [text for text in others if text not in report.notices]
    if report.sound and not report.sequences:
        report.add("nothing to read", [format_.nothing_at(path, options, contents)], 1)
    for each in ordered:
        report.detection |= each.detection
    return report


def _videos(
    path: Path, contents: Iterable[Content], format_: Format, options: ReadingOptions
) -> tuple[list[Video], dict[Content, list[DataError]]]:
    """The videos, and what keeps a content from being found."""
    problems: dict[Content, list[DataError]] = {}
    there = []
    for content in contents:
        try:
            if not format_.places(path, content, options):
                raise format_.nothing_at(path, replace(options, sequences=()))
            there.append(content)
        except DataError as error:
            problems[content] = [error]
    return videos(path, options, format_, there), problems


@dataclass
class _Checked:
    """What a task has found in a video.

    Attributes:
        parts: a report of each content.
        whole: what keeps whole sequences from being used; what both contents have, once.
        notices: warnings of each content.
        detection: recall and precision of the detections of each sequence.
    """

    parts: dict[Content, CheckReport] = field(default_factory=dict)
    whole: list[DataError] = field(default_factory=list)
    notices: dict[Content, list[DataWarning]] = field(default_factory=lambda: defaultdict(list))
    detection: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether there is no problem."""
        missing = any(isinstance(notice, MissingFile) for notices in self.notices.values() for notice in notices)
        return not missing and not self.whole and all(part.sound for part in self.parts.values())


def check_video(task: Task) -> _Checked:
    """Checks a ``video`` of a ``format``, read with ``options``; so many problems are ``listed``."""
    options, found = task["options"], _Checked()
    sound: dict[Content, dict[str, Sequence]] = {}
    known = set[str]()
    for content, there in task["video"].places.items():
        part = found.parts[content] = CheckReport("", "")
        unreadable, sound[content] = _Unreadable(part, task["listed"], known), {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataWarning)
            for place in there:
                format_ = find_format(place.path, task["format"])[0]
                try:
                    for raw in format_.sequences(place, content, options, unreadable):
                        sequence = _examine(raw, options, part, task["listed"], found.whole)
                        if sequence is not None:
                            sound[content][sequence.name] = sequence
                            part.sequences.setdefault(content, []).append(describe(sequence))
                except DataError as error:
                    unreadable(error)
        found.notices[content] = [item.message for item in caught if isinstance(item.message, DataWarning)]
    for name, detections in sound.get("detections", {}).items():
        if name in sound.get("annotations", {}):
            found.detection[name] = detection_quality(detections, sound["annotations"][name])
    return found


def _what_was_found(outcome: Outcome[_Checked], video: Video) -> _Checked:
    """What a task has found in a video; where its workers ended, that."""
    try:
        return outcome.got()
    except MachineError:
        raise
    except DataError as error:
        part = CheckReport("", "")
        part.add("unreadable", [error], 1)
        return _Checked({next(iter(video.places)): part})


class _Unreadable:
    """Notes what a reader cannot make a row of.

    Args:
        report: notes it.
        listed: how many problems of a file are listed.
        known: what another content of the video has noted: ``seqinfo.ini`` and the like are read for each.
    """

    def __init__(self, report: CheckReport, listed: int, known: set[str]) -> None:
        self.report, self.listed, self.known = report, listed, known
        self.seen: Counter[str] = Counter()

    def __call__(self, problem: DataError) -> None:
        if str(problem) in self.known:
            return
        self.seen[str(problem.path)] += 1
        if self.seen[str(problem.path)] <= max(1, self.listed):  # files of both contents have one problem
            self.known.add(str(problem))
        few = self.seen[str(problem.path)] <= self.listed
        self.report.add("unreadable", [problem] if few else [], 1)


def _examine(
    raw: RawSequence, options: ReadingOptions, report: CheckReport, listed: int, whole: list[DataError]
) -> Sequence | None:
    """Notes the broken rules of a sequence, and returns what is left of it."""
    broken = [np.zeros(0, dtype=np.int64)]
    try:
        for violation in raw.violations():
            rows = violation.rows[:1] if violation.kind == "length" else violation.rows[:listed]
            errors = [violation.error(int(row), raw.info.name, raw.origin) for row in rows]
            report.add(violation.kind, errors, len(violation.rows))
            broken.append(violation.rows)
        if raw.inferred:
            report.notices.append(f"{raw.origin.path}: {raw.inferred}")
        report.skipped += raw.skipped
        sequence = raw.without(np.concatenate(broken)).check()
        return choose_classes(sequence, options.classes)
    except DataError as error:
        if str(error) not in map(str, whole):
            whole.append(error)
        return None
