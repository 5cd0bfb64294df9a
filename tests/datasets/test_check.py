"""The data doctor: every problem in one pass, then the figures."""

import json

import pytest

from gnntrack.datasets.check import check
from gnntrack.datasets.check_report import as_text
from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.tasks import Workers

INFO = "[Sequence]\nname=x\nframeRate=25\nseqLength=10\nimWidth=640\nimHeight=480\n"


@pytest.fixture
def root(tmp_path):
    """Two sequences; ``bad`` holds one problem of each of many kinds, ``good`` none.

    good, identity 1:   frame 1 ── 2 ──   ──   ── 5     one gap of two frames
    """
    for name in ("bad", "good"):
        for inner in ("gt", "det"):
            (tmp_path / name / inner).mkdir(parents=True)
        (tmp_path / name / "seqinfo.ini").write_text(INFO)
    (tmp_path / "good" / "gt" / "gt.txt").write_text("1,1,5,5,10,20,1,1,1\n2,1,5,5,10,20,1,1,1\n5,1,5,5,10,20,1,1,1\n")
    (tmp_path / "good" / "det" / "det.txt").write_text("1,-1,5,5,10,20,0.9\n2,-1,5,5,10,20,0.9\n2,-1,200,5,10,20,0.2\n")
    rows = [
        "1,1,5,5,10,20,1,1,1",
        "2,1,nan,5,10,20,1,1,1",
        "3,1,5,5,0,20,1,1,1",
        "4,1,5,five,10,20,1,1,1",
        "5,1,5,5,10",
        "6,2.5,5,5,10,20,1,1,1",
        "7,1,5,5,10,20,1,1,1",
        "7,1,6,5,10,20,1,1,1",
        "99,1,5,5,10,20,1,1,1",
    ]
    (tmp_path / "bad" / "gt" / "gt.txt").write_text("\n".join(rows))
    (tmp_path / "bad" / "det" / "det.txt").write_bytes(b"\0\0")
    return tmp_path


def test_all_problems_are_found_in_one_pass(root):
    report = check(root)
    kinds = {"number": 1, "size": 1, "unreadable": 3, "whole": 1, "duplicate": 1, "length": 1}
    assert dict(report.counts) == kinds
    places = sorted(problem.split("/bad/")[1].split(": ")[0] for problem in report.problems)
    assert places == ["det/det.txt", *(f"gt/gt.txt:{line}" for line in (2, 3, 4, 5, 6, 8, 9))]
    assert not report.sound


def test_what_is_left_is_described(root):
    report = check(root)
    bad, good = report.sequences["annotations"]
    assert (bad["name"], bad["boxes"], bad["frames"]) == ("bad", 2, 10)
    assert good["gaps"] == 1
    assert good["longest_gap"] == 2
    assert good["track_length"]["max"] == 3
    assert report.detection["good"] == {
        "recall": 0.6667,
        "precision": 0.6667,
        "mean_iou": 1,
        "matches": 2,
        "annotations": 3,
        "detections": 3,
    }


def test_the_report_is_json_and_text(root):
    report = check(root)
    assert json.loads(json.dumps(report.to_dict()))["totals"]["annotations"]["sequences"] == 2
    text = as_text(report)
    assert "problems: 1 duplicate, 1 length, 1 number, 1 size, 3 unreadable, 1 whole" in text
    assert "recall 0.667 precision 0.667" in text


def test_the_list_is_bounded_and_the_rest_counted(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"{frame},1,5,5,0,20,1\n" for frame in range(1, 1001)))
    report = check(tmp_path / "a.txt", listed=5)
    assert len(report.problems) == 5
    assert report.counts["size"] == 1000
    assert "… and 995 more" in as_text(report)


def test_one_line_speaks_of_all_boxes_beyond_the_length(tmp_path):
    (tmp_path / "seqinfo.ini").write_text("[Sequence]\nseqLength=2\nframeRate=30\nimWidth=100\nimHeight=100\n")
    (tmp_path / "gt").mkdir()
    (tmp_path / "gt" / "gt.txt").write_text("".join(f"{frame},1,5,5,10,20,1\n" for frame in range(1, 10)))
    report = check(tmp_path)
    assert report.counts["length"] == 7
    text = as_text(report)
    assert "7 boxes lie in frames 3 to 9" in text
    assert "more" not in text


def test_rows_without_a_size_are_skipped_on_request(tmp_path):
    (tmp_path / "a.txt").write_text("1,1,5,5,0,20,1\n2,1,5,5,10,20,1\n")
    report = check(tmp_path / "a.txt", options=ReadingOptions(on_error="skip"))
    assert report.sound
    assert report.skipped == 1
    assert "skipped: 1 rows without a size" in as_text(report)


def test_what_was_assumed_is_a_notice(tmp_path):
    (tmp_path / "a.txt").write_text("1,1,5,5,10,20,1\n")
    assert "size and length are inferred" in check(tmp_path / "a.txt").notices[0]


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot tell the format; pass --from with one of"):
        check(tmp_path)


MOT = "1,1,5,5,10,20,1,1,1"
VISDRONE = "1,1,5,5,10,20,1,1,0,0"
KITTI = "0 1 Car 0 0 0 5 5 15 25 1 1 1 1 1 1 1"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300"])
@pytest.mark.parametrize(("name", "row"), [("mot", MOT), ("visdrone", VISDRONE), ("kitti", KITTI)])
@pytest.mark.parametrize("column", range(10))
def test_the_doctor_outlives_every_number_that_is_none(tmp_path, name, row, column, value):
    cells = row.replace(",", " ").split()
    if column >= len(cells) or not cells[column].lstrip("-").isdigit():
        return
    cells[column] = value
    path = tmp_path / "gt.txt"
    separator = " " if name == "kitti" else ","
    rows = [row, separator.join(cells), row.replace("1", "2", 1) if name != "kitti" else row.replace("0", "1", 1)]
    path.write_text("\n".join(rows) + "\n")
    report = check(path, name)
    json.dumps(report.to_dict(), allow_nan=False)
    assert "\x1b" not in as_text(report)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_frame_that_is_no_number_is_one_problem_of_its_row_alone(tmp_path, value):
    path = tmp_path / "gt.txt"
    path.write_text(f"{MOT}\n{MOT.replace('1', value, 1)}\n{MOT}\n")
    report = check(path, "mot")
    assert dict(report.counts) == {"number": 1, "duplicate": 1}
    assert report.problems == [
        f"{path}:2: frame is {value}; give a finite number",
        f"{path}:3: id 1 stands twice in frame 1 (first in line 1); keep one of the two boxes",
    ]
    assert report.sequences["annotations"][0]["boxes"] == 1


@pytest.mark.parametrize("cell", range(5))
@pytest.mark.parametrize("value", ["nan", "inf", "1e300"])
def test_the_doctor_outlives_yolo_rows_that_are_none(tmp_path, cell, value):
    folder = tmp_path / "A" / "labels"
    folder.mkdir(parents=True)
    (tmp_path / "A" / "seqinfo.ini").write_text("[Sequence]\nimWidth=64\nimHeight=48\nseqLength=3\nframeRate=5\n")
    cells = ["0", ".5", ".5", ".1", ".1"]
    cells[cell] = value
    (folder / "000001.txt").write_text("0 .5 .5 .1 .1\n" + " ".join(cells) + "\n")
    report = check(tmp_path, "yolo")
    assert report.counts.total() == 1
    json.dumps(report.to_dict(), allow_nan=False)


def test_a_report_without_seqinfo_is_json(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,1,5.5,5,10,20,1,1,1\n")
    figures = json.loads(json.dumps(check(path, "mot").to_dict()))["sequences"]["annotations"][0]
    assert (figures["width"], figures["height"]) == (16, 25)


def test_fail_fast_stops_at_the_first_sequence_with_a_problem(root):
    report = check(root, workers=Workers(fail_fast=True))
    assert report.counts.total() == 8  # all that is wrong with the first
    assert report.unchecked == 1 and list(report.sequences) == ["annotations"]
    assert "stopped at the first sequence with problems; 1 not checked" in as_text(report)
    assert report.to_dict()["unchecked"] == 1


def test_fail_fast_stops_at_a_file_that_is_missing(root):
    (root / "bad" / "gt" / "gt.txt").unlink()
    (root / "bad" / "det" / "det.txt").unlink()
    report = check(root, workers=Workers(fail_fast=True))
    assert dict(report.counts) == {"missing": 2}
    assert report.unchecked == 1


def test_fail_fast_of_sound_sequences_checks_all(root):
    report = check(root / "good", workers=Workers(fail_fast=True))
    assert report.sound and report == check(root / "good")


def test_a_file_that_both_contents_need_is_listed_once(root):
    (root / "good" / "seqinfo.ini").write_text("")
    report = check(root / "good")
    assert report.problems == [
        f"{root / 'good' / 'seqinfo.ini'}: unreadable: no section [Sequence]; "
        "expected [Sequence] with seqLength, frameRate, imWidth, imHeight"
    ]
    assert dict(report.counts) == {"unreadable": 1}
