"""A conversion that was stopped goes on: the same bytes, and nothing twice."""

from __future__ import annotations

import shutil

import pytest

from gnntrack.datasets.convert import convert
from gnntrack.errors import DataError, FailedTasksError
from tests.datasets.test_convert import bytes_of
from tests.tracking.test_folder import data  # noqa: F401 (a fixture)


def stopped_after(count, left=None, copy=None):
    """Shows progress, until a user stops it; notes how much was left to do."""

    def progress(outcomes, total, what):
        if left is not None:
            left.append(total)
        for number, outcome in enumerate(outcomes):
            if number == count:
                if copy is not None:
                    shutil.copytree(*copy)
                raise KeyboardInterrupt
            yield outcome

    return progress


def part_of(folder):
    return folder.with_name(f".{folder.name}.gnntrack.partial")


def resumed(data, out, to="mot", **more):  # noqa: F811
    """What was left to do, and what came of it."""
    left = []
    done = convert(data, out, to, resume=True, progress=stopped_after(-1, left), **more)
    return left, done


@pytest.fixture
def whole(data, tmp_path):  # noqa: F811
    convert(data, tmp_path / "whole", "mot")
    return bytes_of(tmp_path / "whole")


def test_one_that_was_stopped_goes_on(data, tmp_path, whole):  # noqa: F811
    with pytest.raises(KeyboardInterrupt):
        convert(data, tmp_path / "out", "mot", resume=True, progress=stopped_after(2))
    assert not (tmp_path / "out").exists()
    left, done = resumed(data, tmp_path / "out")
    assert (left, done.finished, done.sequences) == ([1], 2, {"detections": 3})
    assert done.summary().endswith(" detections in 3 sequences; 2 videos were finished before")
    assert bytes_of(tmp_path / "out") == whole
    assert not part_of(tmp_path / "out").exists()


def test_one_that_was_killed_goes_on(data, tmp_path, whole):  # noqa: F811
    """Also if nobody had thought of it: ``--resume`` is not asked for from the first run on."""
    copied = part_of(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        convert(data, tmp_path / "other", "mot", progress=stopped_after(2, None, (part_of(tmp_path / "other"), copied)))
    assert not part_of(tmp_path / "other").exists()  # one that could, has cleared up
    with (copied / "gnntrack.finished").open("a") as journal:
        journal.write('{"task": "cut o')
    left, _ = resumed(data, tmp_path / "out")
    assert left == [1]
    assert bytes_of(tmp_path / "out") == whole


def test_without_resume_it_begins_anew(data, tmp_path, whole):  # noqa: F811
    left = []
    with pytest.raises(KeyboardInterrupt):
        convert(data, tmp_path / "out", "mot", resume=True, progress=stopped_after(2))
    convert(data, tmp_path / "out", "mot", progress=stopped_after(-1, left))
    assert left == [3]
    assert bytes_of(tmp_path / "out") == whole


def test_what_was_changed_is_made_again(data, tmp_path, whole):  # noqa: F811
    def stop():
        shutil.rmtree(part_of(tmp_path / "out"), ignore_errors=True)
        with pytest.raises(KeyboardInterrupt):
            convert(data, tmp_path / "out", "mot", resume=True, progress=stopped_after(2))

    (data / "classes.txt").write_text("")  # belongs to no video
    stop()
    with (data / "a" / "det" / "det.txt").open("a") as file:
        file.write("1,-1,5,5,20,20,1\n")
    assert resumed(data, tmp_path / "out")[0] == [2]
    shutil.rmtree(tmp_path / "out")
    stop()
    (part_of(tmp_path / "out") / "a" / "det" / "det.txt").write_text("")
    assert resumed(data, tmp_path / "out")[0] == [2]
    shutil.rmtree(tmp_path / "out")
    stop()
    (data / "classes.txt").write_text("person\n")
    assert resumed(data, tmp_path / "out")[0] == [3]
    shutil.rmtree(tmp_path / "out")
    stop()
    assert resumed(data, tmp_path / "out", "csv")[0] == [3]  # another format


def test_a_video_that_was_mended(data, tmp_path, whole):  # noqa: F811
    path = data / "b" / "det" / "det.txt"
    sound = path.read_text()
    path.write_text("1,-1,5,5,nan,20,1\n")
    with pytest.raises(FailedTasksError, match="1 of 3 sequences failed"):
        convert(data, tmp_path / "out", "mot", resume=True)
    path.write_text(sound)
    assert resumed(data, tmp_path / "out")[0] == [1]
    assert bytes_of(tmp_path / "out") == whole


def test_one_that_is_finished_stays(data, tmp_path, whole):  # noqa: F811
    left, done = resumed(data, tmp_path / "whole")
    assert (left, done.finished) == ([], None)
    assert done.summary().endswith(" to mot: finished before, from the same files")
    assert bytes_of(tmp_path / "whole") == whole
    for change in (lambda: (data / "a" / "det" / "det.txt").write_text("1,-1,5,5,20,20,1\n"), lambda: None):
        change()
        with pytest.raises(DataError, match="output exists; pass --overwrite or choose another"):
            convert(data, tmp_path / "whole", "mot", resume=True)
    with pytest.raises(DataError, match="--resume with --overwrite; leave one of them out"):
        convert(data, tmp_path / "whole", "mot", resume=True, overwrite=True)


def test_formats_that_are_written_at_once(data, tmp_path):  # noqa: F811
    with pytest.raises(KeyboardInterrupt):
        convert(data, tmp_path / "out", "coco", resume=True, progress=stopped_after(0))
    assert resumed(data, tmp_path / "out", "coco")[0] == [1]
    assert resumed(data, tmp_path / "out", "coco")[1].finished is None


def test_what_is_wrong_from_the_start_leaves_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        convert(tmp_path / "empty", tmp_path / "out", "mot", "mot", resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
