"""Nothing of the user's is lost, whatever a verb is told to write to: the commands as they were typed."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from gnntrack.datasets.store import index as store_index
from gnntrack.datasets.store import writing
from gnntrack.datasets.store.pieces import write_shard
from gnntrack.outputs import MANIFEST

KEEP = "which no earlier run wrote; move it away or choose another output\n"


def content(top: Path) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


@pytest.fixture
def videos(root):
    """The folder D of two videos, with images and notes beside them."""
    (root / "A" / "img1").mkdir()
    (root / "A" / "img1" / "000001.jpg").write_bytes(b"jpg")
    (root / "notes.md").write_text("mine")
    return root


CONVERT = [[], ["--to", "mot"]]


@pytest.mark.parametrize("to", CONVERT)
@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("data", "is or holds the input data/A"),
        ("data/A", "is or holds the input data/A"),
        ("data/A/", "is or holds the input data/A"),
        ("data/B/../A", "is or holds the input data/A"),
        ("data/A/out", "lies in the input data/A"),
        (".", "is or holds the working folder"),
        ("..", "is or holds"),
        ("/", "is the root folder"),
        ("data/B", f"holds det/det.txt, {KEEP}"),
    ],
)
def test_overwrite_deletes_no_foreign_folder(gnntrack, videos, to, output, words):
    before = content(videos)
    for more in ([], ["--overwrite"]):
        done = gnntrack("convert", "data/A", *to, "-o", output, *more)
        assert (done.code, done.out if to else "") == (2, "")
        assert words in done.err and done.err.count("\n") == 1
        assert content(videos) == before


def test_overwrite_of_the_home_folder(gnntrack, videos, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("mine")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for verb in (["convert", "data", "--to", "mot"], ["convert", "data"], ["synth", "--frames", "9"], ["demo"]):
        done = gnntrack(*verb, "-o", "home", "--overwrite")
        assert done.code == 2
        assert "home: is or holds the home folder" in done.err
    assert (tmp_path / "home" / "thesis.tex").read_text() == "mine"


@pytest.mark.parametrize("verb", [["synth", "--frames", "9"], ["synth", "detections", "data"], ["demo"]])
def test_overwrite_of_a_folder_with_other_things(gnntrack, root, tmp_path, verb):
    (tmp_path / "X").mkdir()
    (tmp_path / "X" / "thesis.tex").write_text("mine")
    done = gnntrack(*verb, "-o", "X", "--overwrite")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: X: holds thesis.tex, {KEEP}"
    assert content(tmp_path / "X") == {"thesis.tex": b"mine"}


def test_a_folder_that_looks_like_a_store_is_none(gnntrack, videos, tmp_path):
    (tmp_path / "h" / "shards").mkdir(parents=True)
    (tmp_path / "h" / "shards" / "thesis.tex").write_text("mine")
    (tmp_path / "h" / "index.json").write_text('{"format": "gnntrack-graphs"}')
    before = content(tmp_path / "h")
    for more in ([], ["--overwrite"]):
        done = gnntrack("convert", "data", "-o", "h", *more)
        assert done.code == 2
        assert done.err == f"error: h: holds index.json, {KEEP}"
    (tmp_path / "h" / "index.json").unlink()
    done = gnntrack("convert", "data", "-o", "h")
    assert done.err == f"error: h: holds shards/thesis.tex, {KEEP}"
    assert content(tmp_path / "h") == {"shards/thesis.tex": before["shards/thesis.tex"]}


def test_a_file_put_into_a_store_is_kept(gnntrack, videos, tmp_path):
    assert gnntrack("convert", "data", "-o", "h").code == 0
    (tmp_path / "h" / "shards" / "thesis.tex").write_text("mine")
    for more in ([], ["--overwrite"]):
        done = gnntrack("convert", "data", "-o", "h", *more)
        assert (done.code, done.err) == (2, f"error: h: holds shards/thesis.tex, {KEEP}")
    assert (tmp_path / "h" / "shards" / "thesis.tex").read_text() == "mine"


def test_another_source_or_selection_replaces_no_store(gnntrack, videos, tmp_path):
    assert gnntrack("convert", "data/A", "-o", "h").code == 0
    before = content(tmp_path / "h")
    for other in (["data/B"], ["data"], ["data/A/gt/gt.txt", "--size", "640x480", "--frame-rate", "25"]):
        done = gnntrack("convert", *other, "-o", "h")
        assert (done.code, done.err.splitlines()[-1]) == (
            2,
            "error: h: output exists; pass --overwrite or choose another",
        )
        assert content(tmp_path / "h") == before
    assert gnntrack("convert", "data", "--sequence", "A", "-o", "g").code == 0
    done = gnntrack("convert", "data", "--sequence", "B", "-o", "g")
    assert "g: output exists; pass --overwrite" in done.err
    assert gnntrack("convert", "data/B", "-o", "h", "--overwrite").code == 0


def test_wrote_is_said_only_of_shards_that_are_there(gnntrack, videos, tmp_path, monkeypatch):
    """The output is deleted while the index is written."""

    def deleting(folder, index):
        next((folder / "shards").iterdir()).unlink()
        store_index.write_index(folder, index)

    monkeypatch.setattr(writing, "write_index", deleting)
    done = gnntrack("convert", "data", "-o", "h")
    assert done.code == 2
    assert "wrote" not in done.out
    assert "was deleted or changed while it was written; run it again" in done.err
    assert not (tmp_path / "h").exists()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert "wrote h" in gnntrack("convert", "data", "-o", "h").out
    shards = sorted((tmp_path / "h" / "shards").iterdir())
    shards[0].unlink()
    assert "wrote h" in gnntrack("convert", "data", "-o", "h").out
    assert sorted((tmp_path / "h" / "shards").iterdir()) == shards


@pytest.mark.parametrize("to", CONVERT)
def test_bad_input_leaves_nothing_new_and_nothing_old_changed(gnntrack, videos, tmp_path, to):
    path = videos / "B" / "gt" / "gt.txt"
    good = path.read_text()
    path.write_text(good + "1,1,5,5,nan,20,1,1,1\n")
    there = sorted(tmp_path.iterdir())
    done = gnntrack("convert", "data", *to, "-o", "deep/out")
    first, last = done.err.splitlines()
    assert done.code == 1
    assert first.startswith(f"failed: data/B/gt/gt.txt:{len(good.splitlines()) + 1}: w is nan")
    assert last.startswith("error: 1 of 2 sequences failed; mend them, or leave them out: no ")
    assert sorted(tmp_path.iterdir()) == there
    done = gnntrack("convert", "data", *to, "-o", "deep/out", "--fail-fast")
    assert (done.code, done.err.count("\n")) == (2, 1)
    path.write_text(good)
    assert gnntrack("convert", "data", *to, "-o", "out").code == 0
    before, there = content(tmp_path / "out"), sorted(tmp_path.iterdir())
    path.write_text(good + "1,1,5,5,nan,20,1,1,1\n")
    assert gnntrack("convert", "data", *to, "-o", "out", "--overwrite").code == 1
    assert content(tmp_path / "out") == before
    assert sorted(tmp_path.iterdir()) == there


@pytest.fixture
def writers(gnntrack, root, weights):
    """Every verb that writes: its arguments, and where it writes to."""
    assert gnntrack("track", root, "--weights", weights, "-o", "tracks").code == 0
    (root.parent / "tracks" / "B.txt").write_text("")  # errors to write
    common = {
        "convert": (["convert", "data", "-o"], "out"),
        "convert --to mot": (["convert", "data", "--to", "mot", "-o"], "out"),
        "convert --to yolo": (["convert", "data", "--to", "yolo", "-o"], "out"),
        "synth": (["synth", "--frames", "9", "-o"], "out"),
        "synth detections": (["synth", "detections", "data", "-o"], "out"),
        "synth fit": (["synth", "fit", "data", "--hold-out", "0", "-o"], "out.json"),
        "track": (["track", "data", "--weights", weights, "-o"], "out"),
        "eval csv": (["eval", "--gt", "data", "--pred", "tracks", "--errors"], "out.csv"),
        "eval json": (["eval", "--gt", "data", "--pred", "tracks", "--errors"], "out.json"),
    }
    inspect = ["inspect", "data/A"]
    common |= {f"export {kind}": ([*inspect, "--export"], f"out.{kind}") for kind in ("gexf", "graphml", "json")}
    common["plot"] = ([*inspect, "--plot"], "out.png")
    common["view"] = (["view", "data/A", "--tracks", "tracks", "-o"], "out.html")
    return common


def test_a_full_disk_is_one_line_for_every_verb(gnntrack, writers, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name, (command, output) in writers.items():
        there = sorted(tmp_path.iterdir())
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            done = gnntrack(*command, output)
        lines = [line for line in done.err.splitlines() if not line.startswith(("weights: ", "warning: "))]
        assert (done.code, len(lines)) == (2, 1), (name, done.err)
        assert lines[0].startswith("error: ") and "No space left on device" in lines[0], name
        assert "wrote" not in done.out
        assert sorted(tmp_path.iterdir()) == there, name


def test_a_place_that_takes_no_files_is_one_line_for_every_verb(gnntrack, writers, tmp_path):
    for name, (command, output) in writers.items():
        for place in (f"/proc/{output}", f"tracks/A.txt/{output}"):
            done = gnntrack(*command, place)
            lines = [line for line in done.err.splitlines() if not line.startswith(("weights: ", "warning: "))]
            assert (done.code, len(lines)) == (2, 1), (name, done.err)
            assert lines[0].startswith("error: ") and "Traceback" not in done.err, name


def test_what_is_no_plain_file_is_refused_by_every_verb_and_stays(gnntrack, writers, tmp_path):
    for name, (command, output) in writers.items():
        os.mkfifo(tmp_path / output)
        done = gnntrack(*command, output, "--overwrite")
        assert done.code == 2, name
        assert stat.S_ISFIFO((tmp_path / output).lstat().st_mode), name
        (tmp_path / output).unlink()


def test_track_and_train_write_no_files_over_special_ones(gnntrack, root, weights, street, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "A.txt").symlink_to("/dev/full")
    done = gnntrack("track", root, "--weights", weights, "-o", "out", "--overwrite")
    assert (done.code, done.out) == (2, "")
    assert "A.txt: leads out of its folder" in done.err
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "weights.safetensors")
    done = gnntrack("train", "--dataset", street, "-o", "run", "--overwrite")
    assert done.code == 2
    assert done.err.splitlines()[-1] + "\n" == f"error: run: holds weights.safetensors, {KEEP}"


def test_track_replaces_no_detections(gnntrack, tmp_path, weights):
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "A.txt").write_text("1,-1,50,60,20,50,1\n")
    done = gnntrack("track", "flat/A.txt", "--weights", weights, "-o", "flat", "--overwrite")
    assert done.code == 2
    assert "flat/A.txt: belongs to the input flat/A.txt" in done.err
    assert (tmp_path / "flat" / "A.txt").read_text() == "1,-1,50,60,20,50,1\n"


def test_train_replaces_only_what_a_training_wrote(gnntrack, street, association, tmp_path):
    (tmp_path / "small.yaml").write_text(
        "architecture: {kind: association, hidden: 8, rounds: 1}\n"
        "stages: [{train: association, epochs: 1, batch_size: 2, length: 12, window: 2, steps: 2}]\n"
    )
    command = ["train", "--dataset", street, "--recipe", "./small.yaml", "-o", "run"]
    assert gnntrack(*command).code == 0
    files = {"weights.safetensors", "association", "last.safetensors", "run.json", MANIFEST}
    assert {path.name for path in (tmp_path / "run").iterdir()} == files
    assert {path.name for path in (tmp_path / "run" / "association").iterdir()} == {"metrics.csv", "curves.png"}
    (tmp_path / "run" / "notes.md").write_text("mine")
    done = gnntrack(*command, "--overwrite")
    assert done.code == 2
    assert done.err.splitlines()[-1] + "\n" == f"error: run: holds notes.md, {KEEP}"
    (tmp_path / "run" / "notes.md").unlink()
    assert gnntrack(*command).code == 2
    assert gnntrack(*command, "--overwrite").code == 0


def test_two_writers_wait_for_each_other(gnntrack, videos, tmp_path, monkeypatch):
    """The second finds the work done; what both write is one whole store."""
    inside, go = threading.Event(), threading.Event()

    def slow(*arguments, **options):
        inside.set()
        go.wait(20)
        return write_shard(*arguments, **options)

    from gnntrack.datasets.store import GraphSource, convert_to_graphs
    from gnntrack.graphs import GraphSettings

    monkeypatch.setattr(writing, "write_shard", slow)
    job = threading.Thread(target=lambda: list(convert_to_graphs(GraphSource("data"), "h", GraphSettings())))
    job.start()
    assert inside.wait(20)
    monkeypatch.setattr(writing, "write_shard", write_shard)
    other = threading.Thread(target=go.set)
    other.start()
    done = gnntrack("convert", "data", "-o", "h")
    job.join()
    assert done.code == 0
    assert "Traceback" not in done.err
    assert (tmp_path / "h" / "index.json").is_file()
    assert [path.name for path in tmp_path.glob(".h*")] == []


def test_what_a_killed_training_had_prepared_is_its_own(gnntrack, street, association, tmp_path, monkeypatch):
    """--overwrite replaces it, another file beside it stays, and stops that."""
    (tmp_path / "small.yaml").write_text(
        "stages: [{train: relinking, clips: 2, length: 40, steps: 1, batch_size: 1}]\n"
    )
    command = ["train", "--start", association, "--recipe", "./small.yaml", "--dataset", street, "-o", "run"]

    def killed(*_, **__):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("gnntrack.training.relinking_training.fit_member", killed)
        with pytest.raises(RuntimeError):
            gnntrack(*command)
    assert len(list((tmp_path / "run" / "relinking").glob("clips-*.safetensors"))) == 1
    mine = tmp_path / "run" / "relinking" / "holiday-000001.safetensors"
    mine.write_text("mine")
    done = gnntrack(*command, "--overwrite")
    assert done.code == 2
    assert done.err.splitlines()[-1] == f"error: run: holds relinking/{mine.name}, which no earlier run wrote; " + (
        "move it away or choose another output"
    )
    mine.unlink()
    (tmp_path / "small.yaml").write_text("stages: [{train: smoothing, steps: 1, batch_size: 1}]\n")
    done = gnntrack(*command, "--overwrite")
    assert done.code == 0, done.err
    assert not (tmp_path / "run" / "relinking").exists()


@pytest.mark.parametrize("start", [False, True])
def test_training_on_a_full_disk_leaves_nothing(gnntrack, street, association, tmp_path, monkeypatch, start):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    model = "" if start else "architecture: {kind: association, hidden: 8, rounds: 1}\n"
    (tmp_path / "small.yaml").write_text(f"{model}stages: [{'smoothing' if start else 'association'}]\n")
    there = sorted(tmp_path.iterdir())
    begun = ["--start", association] if start else []
    monkeypatch.setattr(os, "fsync", full)
    done = gnntrack("train", "--recipe", "./small.yaml", *begun, "--dataset", street, "-o", "out")
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith("error: out")
    assert done.err.splitlines()[-1].endswith("cannot write: No space left on device; choose another output")
    assert sorted(tmp_path.iterdir()) == there
