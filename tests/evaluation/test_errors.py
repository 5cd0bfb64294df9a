from __future__ import annotations

import json
from pathlib import Path

import motmetrics
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.evaluation.errors import KINDS, TOTALS, count_errors, find_errors, write_errors
from gnntrack.evaluation.referees import to_motmetrics
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_by_overlap

MOTMETRICS = {
    "idsw": "num_switches",
    "misses": "num_misses",
    "false_positives": "num_false_positives",
    "fragmentations": "num_fragmentations",
}


def draw(text: str) -> Sequence:
    """Boxes from a drawing: a row is a place, a column a frame, a digit an id, ``.`` nothing. Places never overlap."""
    rows = []
    for place, line in enumerate(line.split() for line in text.strip().splitlines()):
        rows += [(frame, int(cell), place * 20.0) for frame, cell in enumerate(line, 1) if cell != "."]
    table = pd.DataFrame(rows, columns=["frame", "id", "y"]).assign(x=0.0, w=10.0, h=10.0)
    return Sequence("toy", table, width=100, height=200, length=20)


def kinds(truth: str, tracks: str) -> list[tuple[str, int]]:
    errors = find_errors(draw(truth), draw(tracks))
    return list(zip(errors["kind"], errors["frame"], strict=True))


def agree(truth: Sequence, tracks: Sequence) -> dict[str, int]:
    """Counts, after comparing them with motmetrics' own."""
    counts = count_errors(find_errors(truth, tracks))
    reference = (
        motmetrics.metrics.create().compute(to_motmetrics(truth, tracks), metrics=list(MOTMETRICS.values())).iloc[0]
    )
    assert {total: counts[total] for total in TOTALS} == {total: reference[name] for total, name in MOTMETRICS.items()}
    return counts


@pytest.mark.parametrize("name", ["TUD-Campus", "TUD-Stadtmitte"])
@pytest.mark.parametrize("tracker", ["sample", "overlap"])
def test_counts_are_motmetrics_own_on_real_results(name: str, tracker: str) -> None:
    tracks = sample(name, "tracks") if tracker == "sample" else track_by_overlap(sample(name, "detections"))
    counts = agree(sample(name, "annotations"), tracks)
    assert counts["idsw"] > 0
    assert counts["misses"] > 0
    if tracker == "sample":
        assert counts["idsw"] == 7  # motmetrics' README


def test_perfect_result_has_no_errors() -> None:
    truth = sample("TUD-Campus", "annotations")
    assert find_errors(truth, truth).empty
    assert set(count_errors(find_errors(truth, truth)).values()) == {0}


def test_switch_after_occlusion_is_type_1() -> None:
    """Lost for two frames, then found by a new track.

    truth   1 1 1 1 1        tracks   7 7 . . 8
    """
    found = kinds("1 1 1 1 1", "7 7 . . 8")
    assert sorted(found) == sorted([("miss", 3), ("fragmentation", 3), ("miss", 4), ("switch_after_occlusion", 5)])


def test_new_track_without_occlusion_is_type_2() -> None:
    """truth   1 1 1 1        tracks   7 7 8 8"""
    assert kinds("1 1 1 1", "7 7 8 8") == [("temporal_inconsistency", 3)]


def test_swap_between_subjects_is_type_3() -> None:
    """Two tracks change places.

    truth   1 1 1 1        tracks   7 7 8 8
            2 2 2 2                 8 8 7 7
    """
    errors = find_errors(draw("1 1 1 1\n2 2 2 2"), draw("7 7 8 8\n8 8 7 7"))
    assert errors["kind"].tolist() == ["swap", "swap"]
    assert errors["other_object"].tolist() == [2, 1]
    assert errors["previous_track"].tolist() == [7, 8]


def test_a_track_that_leaves_for_another_object_is_a_swap() -> None:
    """Track 7 jumps to object 2, which no track had; object 1 gets a new one.

    truth   1 1 1 1        tracks   7 7 9 9
            . . 2 2                 . . 7 7
    """
    errors = find_errors(draw("1 1 1 1\n. . 2 2"), draw("7 7 9 9\n. . 7 7"))
    assert errors["kind"].tolist() == ["swap"]
    assert errors["other_object"].tolist() == [2]


def test_late_birth_early_death_and_never_found() -> None:
    """truth   1 1 1 1 1        tracks   . . 7 . .
    2 2 . . .                 . . . . .
    """
    errors = find_errors(draw("1 1 1 1 1\n2 2 . . ."), draw(". . 7 . .\n. . . . ."))
    found = errors.groupby(["object", "kind"])["frame"].apply(list).to_dict()
    assert found == {(1, "late_birth"): [1, 2], (1, "early_death"): [4, 5], (2, "miss"): [1, 2]}
    assert errors[errors["object"] == 1][["first", "last"]].drop_duplicates().to_numpy().tolist() == [[1, 2], [4, 5]]


def test_fragmentation_by_the_same_track() -> None:
    """truth   1 1 1 1        tracks   7 . . 7"""
    errors = find_errors(draw("1 1 1 1"), draw("7 . . 7"))
    assert count_errors(errors)["fragmentation"] == 1
    assert count_errors(errors)["miss"] == 2
    assert count_errors(errors)["idsw"] == 0


def test_false_positives_are_runs_of_one_track() -> None:
    """truth   1 1 1 1 1        tracks   7 7 7 7 7
    . . . . .                 9 9 . 9 .
    """
    errors = find_errors(draw("1 1 1 1 1\n. . . . ."), draw("7 7 7 7 7\n9 9 . 9 ."))
    assert errors["kind"].tolist() == ["false_positive"] * 3
    assert errors[["first", "last"]].to_numpy().tolist() == [[1, 2], [1, 2], [4, 4]]
    assert errors["x"].isna().all()
    assert errors["track_y"].tolist() == [20.0] * 3


def test_events_carry_both_boxes() -> None:
    truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
    errors = find_errors(truth, tracks)
    switches = errors[errors["kind"].isin(TOTALS["idsw"])]
    for row in switches.itertuples():
        box = truth.boxes[(truth.boxes["frame"] == row.frame) & (truth.boxes["id"] == row.object)].iloc[0]
        mine = tracks.boxes[(tracks.boxes["frame"] == row.frame) & (tracks.boxes["id"] == row.track)].iloc[0]
        assert [row.x, row.y, row.w, row.h] == box[["x", "y", "w", "h"]].tolist()
        assert [row.track_x, row.track_y, row.track_w, row.track_h] == mine[["x", "y", "w", "h"]].tolist()
    assert errors["frame"].is_monotonic_increasing


def test_nothing_tracked_is_all_misses() -> None:
    truth = sample("TUD-Campus", "annotations")
    counts = agree(truth, truth.take(np.zeros(0, dtype=int)))
    assert counts["miss"] == counts["misses"] == len(truth)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.sampled_from([".", "1", "2", "3"]), min_size=8, max_size=8), min_size=3, max_size=3), st.data()
)
def test_counts_always_add_up(cells: list[list[str]], data: st.DataObject) -> None:
    """Any tracks on three objects in three places: motmetrics counts the same."""
    shuffled = data.draw(st.lists(st.permutations(["7", "8", "9", "."]), min_size=8, max_size=8))
    columns = [list(column) for column in zip(*cells, strict=True)]
    for column in columns:  # an id once a frame
        column[:] = [cell if cell not in column[:place] else "." for place, cell in enumerate(column)]
    truth = "\n".join(" ".join(line) for line in zip(*columns, strict=True))
    tracks = "\n".join(" ".join(line) for line in list(zip(*shuffled, strict=True))[:3])
    if set(truth) & set("123"):
        agree(draw(truth), draw(tracks))


def test_tables_are_written(tmp_path: Path) -> None:
    errors = find_errors(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
    write_errors(tmp_path / "errors.csv", {"TUD-Campus": errors})
    assert len(pd.read_csv(tmp_path / "errors.csv")) == len(errors)
    write_errors(tmp_path / "errors.json", {"TUD-Campus": errors})
    content = json.loads((tmp_path / "errors.json").read_text())
    assert content["counts"]["TUD-Campus"]["idsw"] == 7
    assert {row["kind"] for row in content["errors"]} <= set(KINDS)
    with pytest.raises(DataError, match=r"\.csv or \.json"):
        write_errors(tmp_path / "errors.txt", {})
