"""What went wrong, event by event: every switch, miss and false positive that the CLEAR metrics count, and its kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from os import PathLike

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.evaluation.assignment import runs
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.scene import Scene
from gnntrack.files import atomic_path, write_text
from gnntrack.loaders.json_text import parse_json
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.showing import frame_span, shown

#: The kinds that split each total of the CLEAR metrics without rest.
TOTALS = {
    "idsw": ("switch_after_occlusion", "temporal_inconsistency", "swap"),
    "misses": ("miss", "late_birth", "early_death"),
    "false_positives": ("false_positive",),
    "fragmentations": ("fragmentation",),
}
KINDS = tuple(kind for kinds in TOTALS.values() for kind in kinds)
NONE = -1
_BOXES = {"truth": ["x", "y", "w", "h"], "track": ["track_x", "track_y", "track_w", "track_h"]}


@dataclass
class _Event:
    """A row of the table, before its boxes are looked up."""

    kind: str
    frame: int
    object: int = NONE
    track: int = NONE
    previous_track: int = NONE
    other_object: int = NONE
    first: int = 0
    last: int = 0
    why: str = ""


_COLUMNS = [*_Event.__dataclass_fields__, *_BOXES["truth"], *_BOXES["track"]]


def find_errors(truth: Sequence, tracks: Sequence) -> pd.DataFrame:
    """Every error of a result, one a row, sorted by frame: :func:`errors_in` of the two, matched.

    Args:
        truth: annotations that count (:func:`gnntrack.evaluation.benchmarks.prepare` for a benchmark's rules).
        tracks: the result.

    Raises:
        DataError: a box has no identity.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> errors = find_errors(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
        >>> count_errors(errors)["idsw"], count_errors(errors)["switch_after_occlusion"]
        (7, 5)
        >>> errors[errors["kind"] == "switch_after_occlusion"]["why"].iloc[0]
        'object 5: track 3 becomes 11; the object was lost for 15 frames after frame 8'
    """
    return errors_in(match(Scene.of(truth, tracks)))


def errors_in(matches: Matches) -> pd.DataFrame:
    """Every error of a matched scene, one a row, sorted by frame.

    Kinds, and what they add up to (see :data:`TOTALS`):

    * switches: ``swap`` (type 3 of the UniTrack paper: the new track comes from another object, or the old one went
    on to
      another), else ``switch_after_occlusion`` (type 1: the object was missed or away just before), else
      ``temporal_inconsistency`` (type 2: followed all the time, and yet another track);
    * misses, a row a frame: ``late_birth`` (before the object is first found), ``early_death`` (after it was last
    found),
      else ``miss`` (in between, or never found at all);
    * ``false_positive``, a row a frame;
    * ``fragmentation``: an object is lost and found again, once for each such gap, whatever track finds it.

    Args:
        matches: the scene's table of matches.

    Returns:
        Columns ``kind, frame, object`` (annotated id), ``track, previous_track, other_object`` (−1: none), ``first,
        last`` (the run of frames that the event is part of: a row a frame for misses, but one run), ``why`` (a
        sentence), the annotated box ``x, y, w, h`` and the track's ``track_x, track_y, track_w, track_h`` (NaN:
        none).
    """
    events = [*_switches(matches), *_misses(matches), *_false_positives(matches)]
    table = pd.DataFrame([asdict(event) for event in events], columns=list(_Event.__dataclass_fields__))
    table = _with_boxes(_with_boxes(table, matches.truth, "object", "truth"), matches.tracks, "track", "track")
    return in_order([table])


def in_order(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """The errors of a video's classes in one table, sorted by frame."""
    table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    order = table["kind"].map({kind: position for position, kind in enumerate(KINDS)})
    table = table.assign(order=order).sort_values(["frame", "order", "object", "track"], kind="stable")
    return table[_COLUMNS].reset_index(drop=True)


def count_errors(errors: pd.DataFrame) -> dict[str, int]:
    """How many errors of each kind, and the CLEAR metrics' ``idsw, misses, false_positives, fragmentations``."""
    found = errors["kind"].value_counts()
    counts = {kind: int(found.get(kind, 0)) for kind in KINDS}
    return counts | {total: sum(counts[kind] for kind in kinds) for total, kinds in TOTALS.items()}


def summary(errors: Mapping[str, pd.DataFrame]) -> str:
    """All errors in one line.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> errors = find_errors(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
        >>> summary({"TUD-Campus": errors})
        '7 switches (5 after occlusion, 2 in plain sight, 0 swaps), 150 misses, 13 false positives, 7 fragmentations'
    """
    counts = {key: sum(count_errors(table)[key] for table in errors.values()) for key in [*KINDS, *TOTALS]}
    return (
        f"{counts['idsw']} switches ({counts['switch_after_occlusion']} after occlusion, "
        f"{counts['temporal_inconsistency']} in plain sight, {counts['swap']} swaps), {counts['misses']} misses, "
        f"{counts['false_positives']} false positives, {counts['fragmentations']} fragmentations"
    )


def write_errors(path: str | PathLike[str], errors: Mapping[str, pd.DataFrame]) -> None:
    """Writes the errors of several sequences into one table, ``.csv`` or ``.json`` (records, with the counts).

    Args:
        path: the file.
        errors: sequence name to its table.

    Raises:
        DataError: the suffix is neither.
    """
    kind = as_path(path).suffix.lower()
    tables = [table.assign(sequence=name)[["sequence", *_COLUMNS]] for name, table in errors.items()]
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["sequence", *_COLUMNS])
    if kind == ".csv":
        with atomic_path(path) as temporary:
            whole.to_csv(temporary, index=False, float_format="%.2f")
    elif kind == ".json":
        counts = {name: count_errors(table) for name, table in errors.items()}
        records = parse_json(whole.to_json(orient="records", double_precision=2))
        write_text(path, json.dumps({"counts": counts, "errors": records}, indent=1))
    else:
        raise DataError(
            f"cannot write errors as {shown(kind or 'a file without a suffix')}", remedy="use .csv or .json", path=path
        )


def _switches(matches: Matches) -> Iterator[_Event]:
    """Switches, with what was matched just before each."""
    frames, rows = matches.truth.frames, matches.by_object[matches.clear[matches.by_object] >= 0]
    position = np.searchsorted(np.unique(frames), frames)
    item = matches.objects[matches.object]
    track = matches.follower
    by_track = rows[np.lexsort((rows, track[rows]))]
    same = track[by_track[1:]] == track[by_track[:-1]]
    owner = dict(zip(by_track[1:][same].tolist(), by_track[:-1][same].tolist(), strict=True))
    holder = dict(zip(zip(frames[rows].tolist(), track[rows].tolist(), strict=True), item[rows].tolist(), strict=True))
    switched = matches.switched[rows]
    for row, before in zip(rows[switched].tolist(), rows[np.flatnonzero(switched) - 1].tolist(), strict=True):
        frame, name, seen = int(frames[row]), int(item[row]), int(frames[before])
        now, previous = int(track[row]), int(track[before])
        event = _Event("", frame, name, now, previous, first=frame, last=frame)
        event.why = f"object {name}: track {previous} becomes {now}; "
        away = int(position[row] - position[before]) - 1
        last = owner.get(row)
        taken = holder.get((frame, previous), name)
        if last is not None and item[last] != name:
            event.kind, event.other_object = "swap", int(item[last])
            event.why += f"track {now} was on object {event.other_object} until frame {int(frames[last])}"
        elif taken != name:
            event.kind, event.other_object = "swap", taken
            event.why += f"track {previous} is now on object {taken}"
        elif away > 0:
            event.kind = "switch_after_occlusion"
            event.why += f"the object was lost for {away} frame{'s' * (away > 1)} after frame {seen}"
        else:
            event.kind = "temporal_inconsistency"
            event.why += f"the object was followed without a break until frame {seen}"
        yield event


def _misses(matches: Matches) -> Iterator[_Event]:
    """Misses of each object, split at its first and last match, and the fragmentations that they make."""
    all_frames, partner = matches.truth.frames, matches.clear
    for part in runs(matches.object[matches.by_object]):
        rows = matches.by_object[part]
        missed = partner[rows] < 0
        if not missed.any():
            continue
        item, frames = int(matches.objects[matches.object[rows[0]]]), all_frames[rows]
        found = np.flatnonzero(~missed)
        for gap in runs(missed.astype(np.int64)):
            if not missed[gap.start]:
                continue
            first, last = int(frames[gap.start]), int(frames[gap.stop - 1])
            kind, why = "miss", f"object {item} is missed in {frame_span(first, last)}"
            if not len(found):
                why = f"object {item} is never found"
            elif gap.stop <= found[0]:
                late = f"object {item} is there from frame {first}, but found in frame {frames[gap.stop]}"
                kind, why = "late_birth", late
            elif gap.start > found[-1]:
                early = f"object {item} is there until frame {last}, but lost after {frames[gap.start - 1]}"
                kind, why = "early_death", early
            else:
                around = partner[rows[[gap.start - 1, gap.stop]]]
                before, after = matches.names[matches.name[around]].tolist()
                by = f"track {before}" if before == after else f"track {before}, then {after}"
                lost = f"object {item} is lost in {frame_span(first, last)}, between {by}"
                yield _Event("fragmentation", first, item, before, first=first, last=last, why=lost)
            for frame in frames[gap].tolist():
                yield _Event(kind, frame, item, first=first, last=last, why=why)


def _false_positives(matches: Matches) -> Iterator[_Event]:
    lonely = np.flatnonzero(matches.unmatched)
    lonely = lonely[np.argsort(matches.name[lonely], kind="stable")]
    frames, name = matches.tracks.frames[lonely], matches.name[lonely]
    breaks = np.append(True, (np.diff(frames) > 1) | (np.diff(name) != 0))[: len(lonely)]
    for run in runs(np.cumsum(breaks)):
        first, last, track = int(frames[run.start]), int(frames[run.stop - 1]), int(matches.names[name[run.start]])
        why = f"track {track} is on no annotated object in {frame_span(first, last)}"
        for frame in frames[run].tolist():
            yield _Event("false_positive", frame, track=track, first=first, last=last, why=why)


def _with_boxes(table: pd.DataFrame, sequence: Sequence, key: str, which: str) -> pd.DataFrame:
    """Adds the box that an object, or a track, has in the event's frame."""
    boxes = sequence.boxes[["frame", "id", "x", "y", "w", "h"]].drop_duplicates(["frame", "id"])
    boxes.columns = pd.Index(["frame", key, *_BOXES[which]])
    return table.merge(boxes[boxes[key] != NONE], on=["frame", key], how="left")
