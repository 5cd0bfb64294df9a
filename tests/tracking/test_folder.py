"""A folder of sequences: the same bytes wherever they are tracked, and nothing twice after a kill."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from dataclasses import replace

import pytest

from gnntrack.errors import DataError, FailedTasksError, MachineError
from gnntrack.files import atomic_path
from gnntrack.formats.mot import FORMAT as MOT
from gnntrack.models import load_for_tracking
from gnntrack.outputs import MANIFEST, read_manifest
from gnntrack.outputs.manifest import JOURNAL, write_manifest
from gnntrack.tasks import Workers
from gnntrack.tracking import by_sequence
from gnntrack.tracking.by_sequence import TrackSettings
from gnntrack.tracking.folder import TrackSource, track_folder
from tests.conftest import make_sequence
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)


def walkers(name, speed):
    rows = [(frame, -1, 50.0 * side + speed * frame, 60.0 * side, 20, 50) for frame in range(1, 13) for side in (1, 2)]
    return make_sequence(rows, name=name)


@pytest.fixture
def data(tmp_path):
    MOT.write(tmp_path / "data", [walkers(name, speed) for speed, name in enumerate("abc")], "detections")
    return tmp_path / "data"


@pytest.fixture(scope="module")
def settings():
    _, recipe = load_for_tracking("default")
    return TrackSettings.of("default", recipe)


def track(data, out, settings, **options):
    return list(track_folder(TrackSource(data), out, settings, **options))


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def done(data, tmp_path, settings):
    track(data, tmp_path / "out", settings)
    return tmp_path / "out"


def test_a_cluster_gives_the_same_bytes(data, done, settings, tmp_path, scheduler):  # noqa: F811
    lines = track(data, tmp_path / "there", settings, workers=Workers(scheduler=scheduler))
    assert lines == [f"{tmp_path}/there/{name}.txt: 2 tracks, 24 of 24 boxes" for name in "abc"]
    assert bytes_of(tmp_path / "there") == bytes_of(done)
    coco = replace(settings, to="coco")
    for where, workers in (("one", Workers()), ("two", Workers(scheduler=scheduler))):
        track(data, tmp_path / where, coco, workers=workers)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_the_manifest_has_the_hashes_of_all_that_counts(done, settings):
    manifest = json.loads((done / MANIFEST).read_text())
    assert (manifest["verb"], manifest["complete"], manifest["source"]) == ("track", True, "../data")
    assert manifest["settings"]["weights_hash"] == settings.weights_hash
    assert manifest["settings"]["mode"] == "online"
    assert "weights" not in manifest["settings"]
    assert [entry["name"] for entry in manifest["files"]] == ["a.txt", "b.txt", "c.txt"]
    for entry in manifest["files"]:
        assert entry["sha256"] == hashlib.sha256((done / entry["name"]).read_bytes()).hexdigest()
    assert len({entry["input"] for entry in manifest["files"]}) == 3
    assert len({entry["made_with"] for entry in manifest["files"]}) == 1


@pytest.fixture
def tracked(monkeypatch):
    """The names of the sequences that are tracked, as they are."""
    names, usual = [], by_sequence.track_online

    def noting(boxes, *arguments):
        names.append(boxes.name)
        return usual(boxes, *arguments)

    monkeypatch.setattr(by_sequence, "track_online", noting)
    return names


def test_what_is_finished_and_unchanged_stays(data, done, settings, tracked):
    before = bytes_of(done)
    assert track(data, done, settings, resume=True) == [f"{done}: 3 of 3 files are finished"]
    assert tracked == []
    assert bytes_of(done) == before


def test_what_was_made_from_other_boxes_or_settings_is_made_again(data, done, settings, tracked, tmp_path):
    MOT.write(data, [walkers("b", 5)], "detections")
    lines = track(data, done, settings, resume=True)
    assert tracked == ["b"]
    assert lines[:2] == [
        f"{done}: 2 of 3 files are finished",
        f"{done}: 1 files were made from other boxes or settings and are made again",
    ]
    track(data, done, replace(settings, lag=2), resume=True)
    assert tracked == ["b", "a", "b", "c"]
    track(data, tmp_path / "anew", replace(settings, lag=2))
    assert bytes_of(done) == bytes_of(tmp_path / "anew")


def test_what_was_made_with_another_camera_is_made_again(data, done, settings, tracked):
    (data / "b" / "det" / "camera.txt").write_text("".join(f"{frame} 1 0 2 0 1 0\n" for frame in range(12)))
    track(data, done, settings, resume=True)
    assert tracked == ["b"]


def test_after_a_kill_the_rest_is_tracked(data, done, settings, tracked, tmp_path):
    """A killed run leaves a manifest without hashes, lines of what is finished, and perhaps a file too many."""
    before = bytes_of(done)
    whole = read_manifest(done)
    names = tuple(entry.model_copy(update={"size": None, "sha256": None}) for entry in whole.files)
    write_manifest(done, whole.model_copy(update={"complete": False, "files": names}))
    line = json.dumps(whole.files[0].model_dump(mode="json"))
    (done / JOURNAL).write_text(f'{line}\n{{"name": "b.tx')  # the last line is cut off
    (done / "c.txt").unlink()
    with pytest.raises(DataError, match=r"a.txt: output exists; pass --resume to go on, --overwrite to start again"):
        track(data, done, settings)
    track(data, done, settings, resume=True)
    assert tracked == ["b", "c"]
    assert bytes_of(done) == before


def test_files_of_others_are_not_replaced(data, done, settings):
    (done / "b.txt").write_text("mine")
    with pytest.raises(DataError, match=r"b.txt: it was changed since it was written; move it away, or pass --over"):
        track(data, done, settings, resume=True)
    assert (done / "b.txt").read_text() == "mine"
    (done / MANIFEST).unlink()
    with pytest.raises(DataError, match=r"a.txt: no earlier run wrote it"):
        track(data, done, settings, resume=True)
    with pytest.raises(DataError, match="--resume with --overwrite; leave one of them out"):
        track(data, done, settings, resume=True, overwrite=True)


def test_results_of_other_runs_stay_in_the_folder_and_its_manifest(data, done, settings, tmp_path):
    MOT.write(tmp_path / "more", [walkers("d", 3)], "detections")
    track(tmp_path / "more", done, settings)
    assert sorted(bytes_of(done)) == ["a.txt", "b.txt", "c.txt", "d.txt", MANIFEST]
    assert [entry.name for entry in read_manifest(done).files] == ["a.txt", "b.txt", "c.txt", "d.txt"]
    assert len(track(data, done, settings, resume=True)) == 1


def test_a_sequence_that_fails_does_not_stop_the_others(data, settings, tmp_path):
    path = data / "b" / "det" / "det.txt"
    good = path.read_text()
    path.write_text(good + "1,-1,5,5,nan,20,1\n")
    with pytest.raises(FailedTasksError, match="1 of 3 sequences failed; the tracks of the others are there") as end:
        track(data, tmp_path / "out", settings)
    (error,) = end.value.errors
    assert str(error).startswith(f"{path}:25: w is nan")
    assert sorted(bytes_of(tmp_path / "out")) == ["a.txt", "c.txt", MANIFEST]
    assert not read_manifest(tmp_path / "out").complete
    with pytest.raises(DataError, match="w is nan"):
        track(data, tmp_path / "fast", settings, workers=Workers(fail_fast=True))
    assert not (tmp_path / "fast").exists()
    path.write_text(good)
    track(data, tmp_path / "out", settings, resume=True)
    track(data, tmp_path / "whole", settings)
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_a_full_disk_ends_all(data, settings, tmp_path, monkeypatch):
    def full(path, *_):
        with atomic_path(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("gnntrack.formats.track_files.write_tracks", full)
    with pytest.raises(MachineError, match=r"a.txt: cannot write: No space left on device"):
        track(data, tmp_path / "out", settings)
    assert not (tmp_path / "out").exists()


def test_other_weights_on_a_worker_are_refused(data, settings, tmp_path):
    with pytest.raises(MachineError, match="not the weights that the others track with; give every machine the same"):
        track(data, tmp_path / "out", replace(settings, weights_hash="0"))
