"""What each benchmark counts: classes that are evaluated, and annotations that say where results are forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from gnntrack.errors import DataError
from gnntrack.evaluation.pair_types import Results, Truth
from gnntrack.formats import kitti, visdrone
from gnntrack.formats.registry import by_name
from gnntrack.showing import shown

#: Class of results that say none: they count for every class.
NO_CLASS = -1


@dataclass(frozen=True)
class Benchmark:
    """Rules of a benchmark. Classes go by name, or by number where the annotations name none.

    Attributes:
        name: what it is called.
        evaluated: classes that count, empty: all that are annotated.
        by_class: results are matched with annotations of their own class, where they say one.
        annotated: results of classes that no video has an annotation of are left out.
        distractors: classes whose matched results are neither right nor wrong.
        neighbours: the same, for results of one class.
        others_match: results are matched with annotations of all classes before those on distractors are taken out.
        hard: truncated annotations, and those that cannot be seen, are distractors too.
        smallest: unmatched results of this height or less are left out, pixels.
        regions: classes of annotations that are regions, where results are not judged.
        flagged: annotations whose flag is 0 are regions; else they are simply left out.
        inside: which results regions take out. ``unmatched``: over half inside one region, and not matched; ``own``:
            the same, in regions of their own class; ``pixels``: half or more inside all regions together, annotations
            as well.
        partial: results that match nothing are left out where their class is not exhaustively annotated
            (:class:`gnntrack.sequence.Coverage`).
        standard: names of class numbers, where the annotations name none.
        only: classes that the user chose; they take the place of ``evaluated``.
    """

    name: str = "custom"
    evaluated: tuple[str, ...] = ()
    by_class: bool = False
    annotated: bool = False
    distractors: tuple[str, ...] = ()
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others_match: bool = False
    hard: bool = False
    smallest: float = 0.0
    regions: tuple[str, ...] = ()
    flagged: bool = False
    inside: Literal["unmatched", "own", "pixels"] = "unmatched"
    partial: bool = False
    standard: Mapping[int, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()


_BDD = ("pedestrian", "rider", "car", "bus", "truck", "train", "motorcycle", "bicycle")
#: MOT17 and MOT20: class 1 is the pedestrian; person on vehicle, static person, distractor and reflection (and in
#: MOT20 the non-motorised vehicle) are distractors. These two, KITTI, BDD100K and TAO are as in TrackEval's
#: classes MotChallenge2DBox, Kitti2DBox, BDD100K and TAO; VisDrone follows its toolkit, as does UAVDT, without classes.
BENCHMARKS = {
    rules.name: rules
    for rules in (
        Benchmark("mot17", ("1",), distractors=("2", "7", "8", "12"), others_match=True),
        Benchmark("mot20", ("1",), distractors=("2", "6", "7", "8", "12"), others_match=True),
        Benchmark("dancetrack"),
        Benchmark("sportsmot"),
        Benchmark(
            "kitti",
            ("Car", "Pedestrian"),
            by_class=True,
            neighbours={"car": ("Van",), "pedestrian": ("Person_sitting",)},
            hard=True,
            smallest=25.0,
            regions=("DontCare",),
            standard=kitti.CLASSES,
        ),
        Benchmark(
            "visdrone",
            ("pedestrian", "car", "van", "truck", "bus"),
            by_class=True,
            regions=("ignored regions", "others"),
            flagged=True,
            inside="pixels",
            standard=visdrone.CLASSES,
        ),
        Benchmark("bdd100k", _BDD, by_class=True, regions=("other person", "trailer", "other vehicle"), flagged=True),
        Benchmark("coco", by_class=True, annotated=True, flagged=True, inside="own"),
        Benchmark("tao", by_class=True, annotated=True, partial=True),
        Benchmark("uavdt", flagged=True, inside="pixels"),
        Benchmark("custom"),
    )
}


def rules_of(benchmark: str | Benchmark) -> Benchmark:
    """The rules of this name.

    Raises:
        DataError: there are none.

    Example:
        >>> rules_of("mot20").distractors
        ('2', '6', '7', '8', '12')
    """
    if isinstance(benchmark, Benchmark):
        return benchmark
    if benchmark not in BENCHMARKS:
        raise DataError(f"unknown benchmark {shown(benchmark)}", remedy=f"known: {', '.join(BENCHMARKS)}")
    return BENCHMARKS[benchmark]


def usual_rules(format_name: str, sequences: Iterable[str], regions: bool) -> str:
    """The benchmark that a data set's annotations belong to, as far as they tell.

    Args:
        format_name: of the annotations.
        sequences: names of its sequences.
        regions: there are regions beside the boxes, as UAVDT has them.

    Example:
        >>> usual_rules("kitti", ["0000"], False), usual_rules("mot", ["MOT17-02", "MOT17-04"], False)
        ('kitti', 'mot17')
        >>> usual_rules("mot", ["street"], False), usual_rules("mot", ["M0101"], True)
        ('custom', 'uavdt')
    """
    if by_name(format_name).name in BENCHMARKS:
        return format_name
    if regions:
        return "uavdt"
    kinds = {match and match[1] for match in (re.match(r"MOT(16|17|20)-", name) for name in sequences)}
    if kinds and kinds <= {"16", "17"}:
        return "mot17"
    return "mot20" if kinds == {"20"} else "custom"


def choose_rules(name: str | None, truths: Mapping[str, Truth], classes: tuple[str, ...] = ()) -> Benchmark:
    """The rules of this name, else those that the annotations belong to.

    Where a benchmark says nothing of classes (``custom``), results that have some are scored class by class.

    Args:
        name: of a benchmark; None: see :func:`usual_rules`, and ``custom`` where classes are chosen by hand.
        truths: sequence to its annotations.
        classes: names or numbers of the classes that count; empty: those of the benchmark.

    Raises:
        DataError: there are no such rules, or they say themselves which classes count.
    """
    if name is None:
        regional = [_is_regional(each.boxes.boxes) for each in truths.values()]
        rules = rules_of(usual_rules(next(iter(truths.values())).format_name, truths, any(regional)))
        if rules.name == "coco" and any(each.boxes.coverage for each in truths.values()):
            rules = BENCHMARKS["tao"]
        rules = BENCHMARKS["custom"] if classes and rules.distractors else rules
    else:
        refuse_classes(name, classes)
        rules = rules_of(name)
    return replace(rules, only=classes, by_class=rules.by_class or rules.name == "custom")


def refuse_classes(name: str | None, classes: tuple[str, ...]) -> None:
    """Refuses classes beside the rules of a benchmark of one class.

    Raises:
        DataError: the rules say themselves which class counts.
    """
    if name is not None and classes and rules_of(name).distractors:
        raise DataError(f"--class with the rules of {name}", remedy="leave it out: they say which classes count")


def _is_regional(table: pd.DataFrame) -> bool:
    return bool(((table["id"] == -1) & (table["conf"] == 0) & (table["class_id"] == 0)).any())


def without_classes(results: Results) -> list[str]:
    """The results that say no classes."""
    return [
        name
        for name, pairs in results.items()
        if any((tracks.boxes["class_id"] == NO_CLASS).any() for _, tracks in pairs.values())
    ]
