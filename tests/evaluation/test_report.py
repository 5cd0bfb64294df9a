"""Evaluation of folders: what is missing is said, never scored as 0 or 100."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import evaluate, read_pairs
from gnntrack.evaluation.rules import BENCHMARKS
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.formats.options import ReadingOptions
from tests.conftest import make_sequence


@pytest.fixture
def root(tmp_path):
    """Two sequences with annotations, A and B, and results for both."""
    for name in "AB":
        folder = tmp_path / "gt" / name / "gt"
        folder.mkdir(parents=True)
        (folder / "gt.txt").write_text("1,1,10,10,50,100,1,1,1\n2,1,12,10,50,100,1,1,1\n")
        info = f"[Sequence]\nname={name}\nseqLength=2\nframeRate=25\nimWidth=640\nimHeight=480\n"
        (tmp_path / "gt" / name / "seqinfo.ini").write_text(info)
        (tmp_path / "pred").mkdir(exist_ok=True)
        (tmp_path / "pred" / f"{name}.txt").write_text("1,4,10,10,50,100,1,-1,-1,-1\n2,4,12,10,50,100,1,-1,-1,-1\n")
    return tmp_path


def score(root):
    return evaluate(read_pairs(root / "gt", root / "pred", ReadingOptions()))


def test_per_sequence_and_combined(root):
    rows = score(root)
    assert list(rows) == ["A", "B", "COMBINED"]
    assert rows["COMBINED"]["hota"] == 1
    assert rows["COMBINED"]["objects"] == 4


def test_missing_result_is_all_misses(root):
    (root / "pred" / "B.txt").unlink()
    with pytest.warns(DataWarning, match="B: no result file; scored as all misses"):
        rows = score(root)
    assert (rows["B"]["mota"], rows["B"]["misses"], rows["A"]["mota"]) == (0, 2, 1)


def test_empty_result_file_is_all_misses(root):
    (root / "pred" / "B.txt").write_text("")
    assert score(root)["B"]["misses"] == 2


def test_extra_result_is_a_warning(root):
    (root / "pred" / "C.txt").write_text("")
    with pytest.warns(DataWarning, match=r"C\.txt: no such sequence"):
        assert list(score(root)) == ["A", "B", "COMBINED"]


def test_wrong_names_list_both_sides(root):
    for name in "AB":
        (root / "pred" / f"{name}.txt").rename(root / "pred" / f"{name}-x.txt")
    with pytest.raises(DataError, match=r"found A-x, B-x; expected A, B"):
        score(root)


@pytest.mark.parametrize("text", ["", "1,1,10,10,50,100,0,1,1\n"])
def test_no_annotations_that_count(root, text):
    for name in "AB":
        (root / "gt" / name / "gt" / "gt.txt").write_text(text)
    with pytest.raises(DataError, match="A, B: no annotation counts under 'custom'"):
        score(root)


def test_a_video_without_any_box_beside_one_with_classes():
    """Neither annotated nor found: it counts for nothing, class by class too."""
    both = make_sequence([(1, 1, 5.0, 5.0, 9.0, 9.0, 1), (1, 2, 50.0, 5.0, 9.0, 9.0, 2)], "frame id x y w h class_id")
    empty = both.take(np.zeros(0, dtype=int))
    rows = evaluate({"A": (both, both), "B": (empty, empty)}, replace(BENCHMARKS["custom"], by_class=True))
    assert list(rows) == ["A", "B", "COMBINED", "COMBINED/1", "COMBINED/2", "COMBINED/class mean"]
    assert (rows["B"]["objects"], rows["COMBINED"]["hota"]) == (0, 1)


def test_missing_folder(root):
    with pytest.raises(DataError, match="no such file or folder"):
        read_pairs(root / "gt", root / "nowhere", ReadingOptions())


def test_written_tracks_score_like_the_originals(tmp_path, root):
    tracks, truth = sample("TUD-Campus", "tracks"), sample("TUD-Campus", "annotations")
    write_tracks(root / "pred" / "TUD-Campus.txt", tracks)
    folder = root / "gt" / "TUD-Campus"
    write_tracks(folder / "gt" / "gt.txt", truth)
    (folder / "seqinfo.ini").write_text("[Sequence]\nseqLength=71\nframeRate=25\nimWidth=640\nimHeight=480\n")
    row = score(root)["TUD-Campus"]
    assert row["mota"] == pytest.approx(evaluate({"a": (truth, tracks)})["a"]["mota"])


def test_sample_by_name(root):
    write_tracks(root / "pred" / "TUD-Campus.txt", sample("TUD-Campus", "tracks"))
    with pytest.warns(DataWarning, match="no such sequence"):
        rows = evaluate(read_pairs("TUD-Campus", root / "pred", ReadingOptions()))
    assert rows["TUD-Campus"]["idsw"] == 7
