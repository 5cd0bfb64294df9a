"""What the data doctor found: as an object, as JSON, as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gnntrack.errors import DataError

_HEADER = ("sequence", "frames", "boxes", "ids", "track length", "gaps", "per frame", "width × height", "occluded")


@dataclass
class CheckReport:
    """What :func:`check` found.

    Attributes:
        path: what was checked.
        format: its format, and why if it was guessed.
        problems: the first problems of each kind, one line each.
        counts: how many there are of each kind.
        unlisted: how many of them the lines of ``problems`` do not speak of.
        notices: what had to be assumed.
        skipped: rows without a size that were dropped on request.
        sequences: figures of every sequence of each content.
        detection: recall and precision of the detections of each sequence, where both are there.
        unchecked: videos that were not looked at, as the first problem was to be the last.
    """

    path: str
    format: str
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0
    notices: list[str] = field(default_factory=list)
    skipped: int = 0
    sequences: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    detection: dict[str, dict[str, float]] = field(default_factory=dict)
    unchecked: int = 0

    @property
    def sound(self) -> bool:
        """Whether there is no problem."""
        return not self.counts

    def add(self, kind: str, errors: list[DataError], total: int) -> None:
        """Notes problems of one kind, of which only the first may be given."""
        self.problems += [str(error) for error in errors]
        self.counts[kind] += total
        if kind != "length":  # its one line speaks of all boxes
            self.unlisted += total - len(errors)

    def join(self, other: CheckReport) -> None:
        """Adds what was found in another video."""
        self.problems += other.problems
        self.counts.update(other.counts)
        self.unlisted += other.unlisted
        self.notices += [notice for notice in other.notices if notice not in self.notices]
        self.skipped += other.skipped
        for content, figures in other.sequences.items():
            self.sequences.setdefault(content, []).extend(figures)

    def to_dict(self) -> dict[str, Any]:
        """The report for ``--json``."""
        return {
            "path": self.path,
            "format": self.format,
            "sound": self.sound,
            "problems": self.problems,
            "problem_counts": dict(self.counts),
            "notices": self.notices,
            "skipped": self.skipped,
            "sequences": self.sequences,
            "totals": {content: totals(figures) for content, figures in self.sequences.items()},
            "detection": self.detection,
            "unchecked": self.unchecked,
        }


def totals(figures: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over sequences."""
    keys = ("frames", "boxes", "identities", "gaps", "identical_boxes", "not_evaluated", "frames_without_boxes")
    return {"sequences": len(figures)} | {key: sum(entry.get(key, 0) for entry in figures) for key in keys}


def as_text(report: CheckReport) -> str:
    """The report for people: problems first, then what the data look like."""
    lines = [f"{report.path}: {report.format}"]
    lines += [f"  {problem}" for problem in report.problems]
    if report.unlisted:
        lines.append(f"  … and {report.unlisted} more")
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.counts.items()))
    lines.append(f"problems: {counts}" if counts else "no problems")
    if report.unchecked:
        lines.append(f"stopped at the first sequence with problems; {report.unchecked} not checked")
    if report.skipped:
        lines.append(f"skipped: {report.skipped} rows without a size")
    lines += [f"notice: {notice}" for notice in report.notices]
    for content, figures in report.sequences.items():
        total = totals(figures)
        lines.append(
            f"{content}: {total['sequences']} sequences, {total['frames']} frames, {total['boxes']} boxes, "
            f"{total['identities']} identities, {total['gaps']} gaps, {total['identical_boxes']} identical boxes"
        )
        rows = [_HEADER, *(_row(entry) for entry in figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
        lines += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    for name, quality in report.detection.items():
        figures_ = " ".join(f"{key} {quality[key]:.3f}" for key in ("recall", "precision", "mean_iou"))
        lines.append(f"detections against annotations at IoU 0.5, {name}: {figures_}")
    return "\n".join(line.rstrip() for line in lines)


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table: medians, and ranges where they matter."""
    length = entry.get("track_length")
    gaps = f"{entry['gaps']} (longest {entry['longest_gap']})" if entry.get("gaps") else "0"
    return (
        str(entry["name"]),
        str(entry["frames"]),
        str(entry["boxes"]),
        str(entry["identities"]),
        f"{length['median']:g} ({length['min']:g} to {length['max']:g})" if length else "-",
        gaps if length else "-",
        f"{entry['boxes_per_frame']['mean']:.1f} (to {entry['boxes_per_frame']['max']:g})",
        f"{entry['box_width']['median']:.0f} × {entry['box_height']['median']:.0f}",
        f"{entry['occluded']:.0%}",
    )
