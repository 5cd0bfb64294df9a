"""``gnntrack tune``: files, resuming, and refusals in one line."""

from __future__ import annotations


def test_from_videos_to_weights(gnntrack, root, weights, tmp_path):
    done = gnntrack("tune", root, "--weights", weights, "-o", "out/tuned.safetensors", "--trials", 2, "--folds", 2)
    assert done.code == 0, done.err
    assert "videos that chose nothing: " in done.out
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made == ["tuned.png", "tuned.safetensors", "tuned.trials"]
    again = ("tune", root, "--weights", weights, "-o", "out/tuned.safetensors", "--trials", 3, "--folds", 2)
    assert "output exists" in gnntrack(*again).err
    assert gnntrack(*again, "--resume").code == 0
    tracked = gnntrack("track", root, "--weights", "out/tuned.safetensors", "-o", "tracks")
    assert tracked.code == 0, tracked.err


def test_refusals(gnntrack, root, weights):
    common = ("tune", root, "--weights", weights)
    for more, problem in (
        (("-o", "tuned.bin"), "FILE.safetensors"),
        (("-o", "t.safetensors", "--timeout", "soon"), "--timeout 'soon'"),
        (("-o", "t.safetensors", "--resume"), "nothing to go on with"),
    ):
        done = gnntrack(*common, *more)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err
        assert problem in done.err
