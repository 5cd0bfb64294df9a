"""Other people's evaluators on the same scenes: TrackEval, and motmetrics with our events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import motmetrics
import numpy as np

from gnntrack.evaluation.assignment import EPS
from gnntrack.evaluation.clear import THRESHOLD
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.scene import Layout, Scene
from gnntrack.evaluation.scores import Metrics
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence

Referee = Literal["trackeval", "motmetrics"]
#: Their names and ours.
_HOTA = {"HOTA": "hota", "DetA": "deta", "AssA": "assa", "DetRe": "detre", "DetPr": "detpr", "AssRe": "assre"}
_HOTA |= {"AssPr": "asspr", "LocA": "loca", "OWTA": "owta"}
_CLEAR = {"MOTA": "mota", "MOTP": "motp", "CLR_Re": "recall", "CLR_Pr": "precision", "IDSW": "idsw"}
_CLEAR |= {"CLR_FP": "false_positives", "CLR_FN": "misses", "Frag": "frag"}
_CLEAR |= {"MT": "mostly_tracked", "PT": "partly_tracked", "ML": "mostly_lost"}
_IDENTITY = {"IDF1": "idf1", "IDP": "idp", "IDR": "idr", "IDTP": "idtp"}
_MOTMETRICS = {
    "mota": "mota",
    "num_switches": "idsw",
    "num_false_positives": "false_positives",
    "num_misses": "misses",
    "num_fragmentations": "fragmentations",
    "num_objects": "objects",
    "recall": "recall",
    "precision": "precision",
}
_MOTMETRICS_IDENTITY = {"idf1": "idf1", "idp": "idp", "idr": "idr"}


def referee_rows(scenes: Mapping[str, Scene], referee: Referee) -> dict[str, Metrics]:
    """What another evaluator makes of the same scenes: a row a sequence, and ``COMBINED``, under our names.

    Args:
        scenes: sequence name to the rows that count.
        referee: ``trackeval``, or ``motmetrics``, which counts our events (:func:`to_motmetrics`).
    """
    return _trackeval_rows(scenes) if referee == "trackeval" else _motmetrics_rows(scenes)


def to_motmetrics(truth: Sequence, tracks: Sequence) -> motmetrics.MOTAccumulator:
    """The accumulator of motmetrics with the events that our metrics count, for its tables and for notebooks.

    Which result belongs to which object is decided as the benchmarks decide it, because motmetrics' own matching
    differs in crowds by a few switches in a hundred.

    Args:
        truth: annotations that count.
        tracks: the result.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> accumulator = to_motmetrics(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
        >>> table = motmetrics.metrics.create().compute(accumulator, metrics=["num_switches", "num_misses"])
        >>> table.iloc[0].to_dict()
        {'num_switches': 7, 'num_misses': 150}
    """
    return _accumulate(match(Scene.of(truth, tracks)))


def trackeval_input(truth: Sequence, tracks: Sequence) -> dict[str, Any]:
    """Both sequences in the form of TrackEval's metrics: contiguous ids and one array a frame.

    Frames where neither has a box do not change any metric and are left out.
    """
    truth_names, truth_ids = np.unique(truth.boxes["id"].to_numpy(), return_inverse=True)
    names, ids = np.unique(tracks.boxes["id"].to_numpy(), return_inverse=True)
    boxes, known = tracks.xywh, truth.xywh
    layout = Layout.of(truth, tracks)
    rows = [_rows(layout, number) for number in range(len(layout.frames))]
    return {
        "num_timesteps": len(layout.frames),
        "num_gt_ids": len(truth_names),
        "num_tracker_ids": len(names),
        "num_gt_dets": len(truth),
        "num_tracker_dets": len(tracks),
        "gt_ids": [truth_ids[objects] for objects, _ in rows],
        "tracker_ids": [ids[hypotheses] for _, hypotheses in rows],
        "similarity_scores": [iou_matrix(known[objects], boxes[hypotheses]) for objects, hypotheses in rows],
    }


def _rows(layout: Layout, number: int) -> tuple[slice, slice]:
    """A frame's annotations and result boxes."""
    truth, tracks = layout.truth_starts, layout.track_starts
    return slice(truth[number], truth[number + 1]), slice(tracks[number], tracks[number + 1])


def _trackeval_rows(scenes: Mapping[str, Scene]) -> dict[str, Metrics]:
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    inputs = {name: trackeval_input(scene.truth, scene.tracks) for name, scene in scenes.items()}
    rows: dict[str, Metrics] = {name: {} for name in [*scenes, "COMBINED"]}
    for metric, names in ((HOTA(), _HOTA), (CLEAR(quiet), _CLEAR), (Identity(quiet), _IDENTITY)):
        results = {name: metric.eval_sequence(data) for name, data in inputs.items()}
        results["COMBINED"] = metric.combine_sequences(results)
        for name, result in results.items():
            rows[name] |= {ours: float(np.mean(result[theirs])) for theirs, ours in names.items()}
    for name, scene in scenes.items():
        rows[name]["objects"] = float(len(scene.truth))
    rows["COMBINED"]["objects"] = float(sum(len(scene.truth) for scene in scenes.values()))
    return rows


def _motmetrics_rows(scenes: Mapping[str, Scene]) -> dict[str, Metrics]:
    found = {name: match(scene) for name, scene in scenes.items()}
    clear = _summary({name: _accumulate(matches) for name, matches in found.items()}, _MOTMETRICS)
    pairs = {name: _accumulate_pairs(matches) for name, matches in found.items()}
    identity = _summary(pairs, _MOTMETRICS_IDENTITY)
    return {name: clear[name] | identity[name] for name in clear}


def _accumulate(matches: Matches) -> motmetrics.MOTAccumulator:
    """The CLEAR events: only matched pairs have a distance, so motmetrics matches the same."""
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    objects, names = matches.objects[matches.object], matches.names[matches.name]
    for number, frame in enumerate(matches.layout.frames.tolist()):
        truth, tracks = _rows(matches.layout, number)
        distance = np.full((truth.stop - truth.start, tracks.stop - tracks.start), np.nan)
        row = np.flatnonzero(matches.clear[truth] >= 0)
        distance[row, matches.clear[truth][row] - tracks.start] = 1.0 - matches.clear_iou[truth][row]
        accumulator.update(objects[truth], names[tracks], distance, frameid=frame)
    return accumulator


def _accumulate_pairs(matches: Matches) -> motmetrics.MOTAccumulator:
    """Every pair of IoU at least 0.5, from which motmetrics finds the identities that agree best (IDF1).

    Distances come from our own IoU: motmetrics' calls a numpy function that numpy 2 no longer has.
    """
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    objects, names = matches.objects[matches.object], matches.names[matches.name]
    boxes, known = matches.tracks.xywh, matches.truth.xywh
    for number, frame in enumerate(matches.layout.frames.tolist()):
        truth, tracks = _rows(matches.layout, number)
        overlap = iou_matrix(known[truth], boxes[tracks])
        distance = np.where(overlap >= THRESHOLD - EPS, 1.0 - overlap, np.nan)
        accumulator.update(objects[truth], names[tracks], distance, frameid=frame)
    return accumulator


def _summary(
    accumulators: dict[str, motmetrics.MOTAccumulator], metrics: dict[str, str]
) -> dict[str, dict[str, float]]:
    table = motmetrics.metrics.create().compute_many(
        list(accumulators.values()), metrics=list(metrics), names=list(accumulators), generate_overall=True
    )
    table = table.rename(columns=metrics, index={"OVERALL": "COMBINED"})
    if "mota" in table:  # without objects, divide by one as TrackEval does
        table["mota"] = table["mota"].where(table["objects"] > 0, -table["false_positives"])
    table = table.fillna(0.0) + 0.0  # shares of nothing are 0; no negative zeros
    return {name: {metric: float(value) for metric, value in row.items()} for name, row in table.iterrows()}
