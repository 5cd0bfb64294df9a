"""All verbs read files in the same way: the same formats, guessed alike, with the same options."""

from __future__ import annotations

import json

import pytest

from gnntrack.formats.registry import FILE_FORMATS, by_name
from gnntrack.reading import iterate

VERBS = ["check", "convert", "track", "eval", "inspect", "explain", "view"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_offers_the_same_options(gnntrack, verb):
    shown = gnntrack(verb, "--help").out
    for option in ("from", "sequence", "on-error", "frame-base", "confidence", "size", "frame-rate", "last-column"):
        assert f"--{option} " in shown, option


@pytest.fixture
def written(root, tmp_path):
    """The two sequences of ``root`` in a format, and results that are right."""

    def write(name):
        for content in ("annotations", "detections"):
            by_name(name).write(tmp_path / name, iterate(root, content), content)
        (tmp_path / "pred").mkdir(exist_ok=True)
        for sequence in "AB":
            (tmp_path / "pred" / f"{sequence}.txt").write_text((root / sequence / "gt" / "gt.txt").read_text())
        return tmp_path / name

    return write


def command(verb, place, weights):
    """A command that reads the sequence A at a place."""
    told = {
        "check": [],
        "convert": ["-o", "out"],
        "track": ["--weights", weights, "-o", "tracks"],
        "inspect": ["--json"],
        "explain": ["--tracks", "pred", "--frame", 4, "--id", 1, "--weights", weights, "--json"],
        "view": ["--tracks", "pred"],
    }
    if verb == "eval":
        return ["eval", "--gt", place, "--pred", "pred", "--sequence", "A"]
    return [verb, place, *told[verb], "--sequence", "A"]


@pytest.mark.parametrize("name", FILE_FORMATS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_guesses_every_format(gnntrack, written, weights, name, verb):
    place = written(name)
    done = gnntrack(*command(verb, place, weights))
    assert done.code == 0, done.err
    if verb == "inspect":
        assert json.loads(done.out)["nodes"] == 16


def test_one_of_several_sequences_has_to_be_named(gnntrack, root):
    done = gnntrack("inspect", root)
    assert done.code == 2
    assert done.err.endswith("data: 2 sequences; choose with --sequence: A, B\n")
    done = gnntrack("inspect", root, "--sequence", "zzz")
    assert done.err.endswith("data: no sequence zzz; found A, B\n")


@pytest.mark.parametrize("verb", ["view", "explain"])
def test_results_have_a_frame_base_of_their_own(gnntrack, written, weights, tmp_path, verb):
    told = command(verb, written("mot"), weights)
    path = tmp_path / "pred" / "A.txt"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("".join(f"{','.join([str(int(frame) - 1), *rest])}\n" for frame, *rest in rows))
    done = gnntrack(*told)
    assert "pass --tracks-frame-base 0" in done.err
    assert gnntrack(*told, "--tracks-frame-base", 0).code == 0


@pytest.mark.parametrize("verb", ["view", "eval"])
@pytest.mark.parametrize("ids", [("-1", "-1"), ("1", "-1")])
def test_annotations_without_identity_are_one_line(gnntrack, written, root, weights, verb, ids):
    place = written("mot")
    rows = [f"{frame},{who},{50 * x},60,20,50,1,1,1\n" for frame in range(1, 9) for x, who in enumerate(ids)]
    (place / "A" / "gt" / "gt.txt").write_text("".join(rows))
    done = gnntrack(*command(verb, place, weights))
    assert done.code == 2
    assert "boxes have no identity (id -1); give every annotation that counts its own id" in done.err
    assert done.err.count("error:") == 1


def test_the_class_of_ten_columns_can_be_chosen(gnntrack, root, weights):
    path = root / "A" / "det" / "det.txt"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("".join(f"{','.join([frame, '-1', *box])},{who},-1,-1\n" for frame, who, *box in rows))
    done = gnntrack("track", root / "A", "--weights", weights, "-o", "out", "--class", "2")
    assert done.code == 0, done.err
    assert "of 8 boxes" in done.out


def test_confidences_in_percent(gnntrack, root, weights):
    path = root / "A" / "det" / "det.txt"
    path.write_text(path.read_text().replace(",50,1\n", ",50,90\n"))
    done = gnntrack("check", root / "A")
    assert "conf is 90; confidence lies between 0 and 1; if these are percent, pass --confidence percent" in done.out
    assert gnntrack("check", root / "A", "--confidence", "percent").code == 0
    told = ["track", root / "A", "--weights", weights, "-o", "out"]
    assert gnntrack(*told, "--confidence", "percent").code == 0
    assert ",0.9," in (root.parent / "out" / "A.txt").read_text()


def test_interpolated_boxes_are_not_counted_among_those_read(gnntrack, tmp_path):
    frames = [frame for frame in range(1, 61) if frame not in {30, 31}]
    rows = [f"{frame},-1,{100 * who + frame},{100 * who},40,100,0.9\n" for frame in frames for who in (1, 3)]
    (tmp_path / "street.txt").write_text("".join(rows))
    told = ["track", "street.txt", "--weights", "default", "--mode", "offline", "--size", "640x480"]
    done = gnntrack(*told, "--frame-rate", 25, "-o", "out")
    assert (done.code, done.out) == (0, "out/street.txt: 2 tracks, 116 of 116 boxes, 4 interpolated\n")


def test_percent_give_the_tracks_of_shares(gnntrack, tmp_path):
    """Twelve frames with confidences 90, 89 and 88 are three tracks, as with .90, .89 and .88."""
    for name, unit in (("percent", ""), ("share", ".")):
        boxes = [(frame, who, f"{unit}{90 - who}") for frame in range(1, 13) for who in range(3)]
        rows = [f"{frame},-1,{100 + 200 * who + 2 * frame},100,40,100,{sure}\n" for frame, who, sure in boxes]
        (tmp_path / f"{name}.txt").write_text("".join(rows))
    told = ["--weights", "default", "--size", "1920x1080", "--frame-rate", 25, "-o", "out"]
    done = gnntrack("track", "percent.txt", "--confidence", "percent", *told)
    assert (done.code, done.out) == (0, "out/percent.txt: 3 tracks, 36 of 36 boxes\n")
    assert gnntrack("track", "share.txt", *told).code == 0
    assert (tmp_path / "out" / "percent.txt").read_text() == (tmp_path / "out" / "share.txt").read_text()
