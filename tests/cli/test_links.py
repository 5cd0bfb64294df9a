"""Sequences that are links: followed below the root, by their own names; refused where they lead out; loops end."""

from __future__ import annotations

import shutil

import pytest

from gnntrack.reading import iterate


@pytest.fixture
def linked(root):
    """The data set of A and B, where B is a link to a folder further below."""
    (root / "store" / "2024").mkdir(parents=True)
    shutil.move(root / "B", root / "store" / "2024" / "b-raw")
    (root / "B").symlink_to("store/2024/b-raw")
    return root


def verbs(weights, root, tmp_path):
    recipe = tmp_path / "street.yaml"
    recipe.write_text(f"root: {root}\nformat: mot\ntraining: ['*']\nvalidation: [B]\n")
    results = tmp_path / "results"
    results.mkdir()
    for name in "AB":
        shutil.copy(root / name / "gt" / "gt.txt", results / f"{name}.txt")
    small = tmp_path / "small.yaml"
    small.write_text(
        "architecture: {hidden: 8, rounds: 1}\ngraph: {window: 6, stride: 2, max_gap: 4}\nstages: [window]\n"
    )
    return {
        "convert": ("convert", root, "--to", "kitti", "-o", tmp_path / "out"),
        "check": ("check", root),
        "train": ("train", "--recipe", small, "--dataset", recipe, "--epochs", 1, "-o", tmp_path / "run"),
        "track": ("track", root, "--weights", weights, "-o", tmp_path / "tracks"),
        "eval": ("eval", "--gt", root, "--pred", results),
    }


VERBS = ("convert", "check", "train", "track", "eval")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("root_is_link", [False, True])
def test_links_that_stay_below_the_root_are_followed(gnntrack, linked, weights, tmp_path, verb, root_is_link):
    """Each sequence has the name that it has there."""
    root = linked
    if root_is_link:
        root = tmp_path / "elsewhere"
        root.symlink_to(linked)
    done = gnntrack(*verbs(weights, root, tmp_path)[verb])
    assert done.code == 0, done.err
    assert "b-raw" not in done.out + done.err
    if verb == "track":
        assert sorted(path.name for path in (tmp_path / "tracks").glob("*.txt")) == ["A.txt", "B.txt"]
    if verb == "convert":
        assert sorted(path.name for path in (tmp_path / "out" / "label_02").iterdir()) == ["A.txt", "B.txt"]
    if verb == "eval":
        assert "B " in done.out
    if verb == "train":
        assert "validation videos: 1" in done.err


@pytest.mark.parametrize("verb", VERBS)
def test_links_that_lead_out_are_refused(gnntrack, root, weights, tmp_path, verb):
    told = verbs(weights, root, tmp_path)[verb]
    shutil.move(root / "B", tmp_path / "far")
    (root / "B").symlink_to(tmp_path / "far")
    before = sorted(tmp_path.iterdir())
    done = gnntrack(*told)
    assert done.code == 2
    problem = f"{root}/B: leads out of its folder; use plain folders, or links that stay below it"
    assert problem in done.out + done.err
    if verb != "check":
        assert done.err.count("\n") == 1, done.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("verb", VERBS)
def test_loops_and_links_to_nothing_are_told_of_and_left_out(gnntrack, root, weights, tmp_path, verb):
    told = verbs(weights, root, tmp_path)[verb]
    (root / "circle").symlink_to("round")
    (root / "round").symlink_to("circle")
    (root / "gone").symlink_to("nowhere")
    (root / "all").symlink_to(".")
    (root / "A" / "again").symlink_to("..")
    done = gnntrack(*told)
    assert done.code == 0, done.err
    for name in ("circle", "round", "gone"):
        assert f": {root / name}: a link to nothing; left out" in done.out + done.err
    assert (tmp_path / "tracks" / "all.txt").exists() is False


def test_a_link_to_the_sequence_itself_is_no_other_sequence(gnntrack, root, weights, tmp_path):
    (root / "A" / "again").symlink_to(".")
    assert gnntrack("track", root / "A", "--weights", weights, "-o", "out").code == 0
    assert [path.name for path in (tmp_path / "out").glob("*.txt")] == ["A.txt"]


def test_a_root_that_is_a_loop(gnntrack, root, weights, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "data").symlink_to(".")
    for told in (
        ("track", "loop", "--weights", weights, "-o", "out"),
        ("track", root, "--weights", weights, "-o", "loop"),
        ("eval", "--gt", root, "--pred", "loop"),
        ("eval", "--gt", root, "--pred", "loop", "--pred", "loop/x"),
        ("eval", "--gt", root, "--pred", "inner"),
        ("eval", "--gt", "loop", "--pred", root),
        ("check", "loop"),
        ("convert", "loop", "--to", "mot", "-o", "out"),
        ("convert", root, "--to", "kitti", "-o", "loop"),
    ):
        done = gnntrack(*told)
        assert (done.code, done.err.count("\n")) == (2, 1), (told, done.err)
        assert len(done.err) < 400


@pytest.mark.parametrize("name", ["kitti", "yolo", "visdrone", "csv"])
def test_other_formats(gnntrack, root, tmp_path, name):
    """Files, or folders, of single videos that are links."""
    assert gnntrack("convert", root, "--to", name, "-o", "other").code == 0
    data = tmp_path / "other"
    (video,) = [path for path in data.rglob("*") if path.name.startswith("B") and "det" not in str(path)][:1]
    kept = data / "store" / video.name
    kept.parent.mkdir()
    shutil.move(video, kept)
    video.symlink_to(kept)
    found = [boxes.name for boxes in iterate(data, "annotations", format=name)]
    assert found == ["A", "B"]
    video.unlink()
    shutil.move(kept, tmp_path / kept.name)
    video.symlink_to(tmp_path / kept.name)
    done = gnntrack("check", data, "--from", name)
    assert done.code == 2
    assert "leads out of its folder" in done.out + done.err
