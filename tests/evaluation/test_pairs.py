"""Which result belongs to which annotations, and what of either cannot be scored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gnntrack.datasets.convert import convert
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import evaluate, read_pairs
from gnntrack.evaluation.errors import find_errors
from gnntrack.evaluation.pairs import read_results, read_truths
from gnntrack.formats.options import ReadingOptions
from gnntrack.tasks import Workers, opened
from tests.conftest import make_sequence
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)

INFO = "[Sequence]\nname=x\nseqLength=9\nframeRate=25\nimWidth=640\nimHeight=480\n"


def rows(ids, first=1, tail="1,1,1"):
    """Three frames, in each a box for every identity."""
    boxes = [(frame, who, 60 * place) for frame in range(first, first + 3) for place, who in enumerate(ids)]
    return "".join(f"{frame},{who},{x},10,50,100,{tail}\n" for frame, who, x in boxes)


@pytest.fixture
def root(tmp_path):
    """Annotations of A and B, two people each, and results that are right."""
    (tmp_path / "pred").mkdir()
    for name in "AB":
        (tmp_path / "gt" / name / "gt").mkdir(parents=True)
        (tmp_path / "gt" / name / "seqinfo.ini").write_text(INFO)
        (tmp_path / "gt" / name / "gt" / "gt.txt").write_text(rows([1, 2]))
        (tmp_path / "pred" / f"{name}.txt").write_text(rows([5, 6], tail="1,-1,-1,-1"))
    return tmp_path


def truth_of(root, name="A"):
    return root / "gt" / name / "gt" / "gt.txt"


def score(root, options=ReadingOptions(), **more):
    return evaluate(read_pairs(root / "gt", root / "pred", options, **more))


@pytest.mark.parametrize(("ids", "count", "line"), [([-1, -1], "6 of 6", 1), ([1, -1], "3 of 6", 2)])
def test_annotations_without_identity_are_one_line(root, ids, count, line):
    truth_of(root).write_text(rows(ids))
    expected = (
        rf"gt\.txt:{line}: {count} boxes have no identity \(id -1\); give every annotation that counts its own id"
    )
    with pytest.raises(DataError, match=expected):
        score(root)


@pytest.mark.parametrize(("ids", "count", "line"), [([-1, -1, -1], "9 of 9", 1), ([5, -1], "3 of 6", 2)])
def test_results_without_identity_are_one_line(root, ids, count, line):
    (root / "pred" / "A.txt").write_text(rows(ids, tail="1,-1,-1,-1"))
    with pytest.raises(DataError, match=rf"A\.txt:{line}: {count} boxes have no identity \(id -1\); .*gnntrack track"):
        score(root)


def test_rows_that_do_not_count_need_no_identity(root):
    """Regions that are not evaluated (flag 0), and classes that were not chosen."""
    truth_of(root).write_text(rows([1, 2]) + rows([-1], tail="0,1,1") + rows([-1], tail="1,7,1"))
    assert score(root, classes=("1",))["COMBINED"]["hota"] == 1


def test_tables_without_identity_are_refused_too():
    box = (10.0, 10.0, 50.0, 100.0)
    known, unknown = make_sequence([(1, 3, *box)]), make_sequence([(1, -1, *box), (2, 3, *box)])
    for truth, tracks, what in ((unknown, known, "annotations"), (known, unknown, "results")):
        for call in (lambda pair: evaluate({"toy": pair}), lambda pair: find_errors(*pair)):
            with pytest.raises(DataError, match=rf"toy: 1 of 2 {what} have no identity \(id -1\)"):
                call((truth, tracks))


def test_frames_of_annotations_and_results_each_have_a_base(root):
    truth_of(root).write_text(rows([1, 2], first=0))
    options = {
        "options": ReadingOptions(frame_base=0, sequences=("A",)),
        "result_options": ReadingOptions(frame_base=1),
    }
    assert score(root, **options)["COMBINED"]["hota"] == 1
    (root / "pred" / "A.txt").write_text(rows([5, 6], first=0, tail="1,-1,-1,-1"))
    with pytest.raises(DataError, match=r"A\.txt:1: frame is 0; .* pass --pred-frame-base 0"):
        score(root, **options)
    assert score(root, **options | {"result_options": ReadingOptions(frame_base=0)})["COMBINED"]["hota"] == 1


def test_results_that_were_not_selected_are_no_surprise(root, recwarn):
    assert list(score(root, ReadingOptions(sequences=("A",)))) == ["A", "COMBINED"]
    assert not [item for item in recwarn if item.category is DataWarning]


def test_a_single_result_file(root):
    pairs = read_pairs(root / "gt" / "A", root / "pred" / "B.txt", ReadingOptions())  # one sequence: the name is free
    assert evaluate(pairs)["A"]["hota"] == 1
    with pytest.warns(DataWarning, match=r"--pred is one file; not evaluated: B"):
        assert list(read_pairs(root / "gt", root / "pred" / "A.txt", ReadingOptions())) == ["A"]
    (root / "pred" / "B.txt").rename(root / "pred" / "C.txt")
    with pytest.raises(DataError, match=r"C\.txt: named after none of the sequences A, B; "):
        read_pairs(root / "gt", root / "pred" / "C.txt", ReadingOptions())


def test_a_single_annotation_file(root):
    assert evaluate(read_pairs(truth_of(root), root / "pred" / "A.txt", ReadingOptions()))["A"]["hota"] == 1


def test_false_positives_of_a_sequence_without_objects_count(root):
    truth_of(root).write_text("")
    result = score(root)
    assert (result["A"]["false_positives"], result["A"]["objects"], result["A"]["hota"]) == (6, 0, 0)
    assert (result["A"]["mota"], result["A"]["idf1"]) == (-6, 0)  # as TrackEval divides: by at least one object
    assert (result["COMBINED"]["false_positives"], result["COMBINED"]["mota"]) == (6, 0)
    truth_of(root, "B").write_text("")
    with pytest.raises(DataError, match="A, B: no annotation counts"):
        score(root)


def test_nothing_at_all_in_a_sequence_is_no_mistake(root):
    truth_of(root).write_text("")
    (root / "pred" / "A.txt").write_text("")
    result = score(root)
    assert (result["A"]["mota"], result["A"]["idf1"], result["COMBINED"]["mota"]) == (0, 0, 1)


def test_percent_confidences_of_results(root):
    (root / "pred" / "A.txt").write_text(rows([5, 6], tail="90,-1,-1,-1"))
    with pytest.raises(DataError, match="--confidence percent"):
        score(root)
    options = {"options": ReadingOptions(sequences=("A",)), "result_options": ReadingOptions(confidence="percent")}
    assert score(root, **options)["COMBINED"]["hota"] == 1


def test_reading_is_shared_out_and_shown(root):
    said = []

    def progress(outcomes, total, what):
        said.append((what, total))
        return outcomes

    with opened(1, progress) as engine:
        truths = read_truths(root / "gt", ReadingOptions(), workers=engine)
        pairs = read_results(truths, root / "gt", root / "pred", ReadingOptions(), workers=engine)
        evaluate(pairs, workers=engine)
    assert said == [("reading annotations", 2), ("reading results", 2), ("scoring", 2)]


@pytest.mark.parametrize("form", ["folder", "zip", "kitti"])
def test_reading_elsewhere_gives_the_same(root, scheduler, form, monkeypatch):  # noqa: F811
    monkeypatch.chdir(root)
    pred = Path("pred")
    if form == "zip":
        pred = Path(shutil.make_archive("pred", "zip", "pred"))
    if form == "kitti":
        convert("gt", "kitti", "kitti")
        pred = Path("kitti/label_02")
    options = ReadingOptions()
    for workers in (1, Workers(scheduler=scheduler)):
        truths = read_truths("gt", options, workers=workers)
        pairs = read_results(truths, "gt", pred, options, workers=workers)
        assert list(pairs) == ["A", "B"]
        assert evaluate(pairs)["COMBINED"]["hota"] == 1
    truth_of(root, "B").write_text(rows([1, -1]))
    truth_of(root, "A").write_text("1,1,nan,10,50,100,1,1,1\n")
    with pytest.raises(DataError, match=r"A/gt/gt.txt:1: x is nan"):  # the first in order
        read_truths("gt", options, workers=Workers(scheduler=scheduler))
