"""Where results lie, and what of them is refused."""

from __future__ import annotations

import json
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.pairs import read_results, read_truths
from gnntrack.evaluation.report import evaluate
from gnntrack.evaluation.result_files import result_names
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import by_name
from gnntrack.loaders import archives
from tests.conftest import make_sequence

NAMES = ("A", "B")


def video(name, shift=0.0):
    rows = [(f, i, 100.0 * i + shift + f, 20.0, 40.0, 60.0, 1) for f in range(1, 6) for i in range(3)]
    return make_sequence(rows, "frame id x y w h class_id", name=name, length=5, classes={1: "Pedestrian"})


@pytest.fixture
def gt(tmp_path):
    by_name("mot").write(tmp_path / "gt", [video(name) for name in NAMES], "annotations")
    return tmp_path / "gt"


@pytest.fixture
def pred(tmp_path):
    for name in NAMES:
        write_tracks(tmp_path / "pred" / f"{name}.txt", video(name, 4.0))
    return tmp_path / "pred"


def score(gt, results, options=ReadingOptions(), **more):
    truths = read_truths(gt, ReadingOptions())
    pairs = read_results(truths, gt, results, options, **more)
    return {name: row["hota"] for name, row in evaluate(pairs).items()}


def pack(folder, path, prefix="", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for file in sorted(folder.rglob("*.txt")):
            archive.write(file, f"{prefix}{file.name}")
    return path


def test_folders_data_and_zips_score_alike(gt, pred, tmp_path):
    expected = score(gt, pred)
    assert expected["A"] == pytest.approx(expected["B"])
    assert 0.5 < expected["A"] < 1
    (tmp_path / "run").mkdir()
    pred.rename(tmp_path / "run" / "data")
    assert score(gt, tmp_path / "run") == expected
    for prefix in ("", "data/", "run/data/", "./"):
        assert score(gt, pack(tmp_path / "run", tmp_path / "run.zip", prefix)) == expected, prefix


def test_what_systems_add_to_zips_is_passed_over(gt, pred, tmp_path):
    path = pack(pred, tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._A.txt", b"\x00\x05")
        archive.writestr("readme.md", "hello")
    assert set(score(gt, path)) == {"A", "B", "COMBINED"}


@pytest.mark.parametrize("member", ["../A.txt", "/etc/A.txt", "a/../../A.txt", "C:\\A.txt", "a\\..\\A.txt"])
def test_members_that_lie_outside_are_refused(gt, tmp_path, member):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("B.txt", "1,1,1,1,9,9,1,-1,-1,-1\n")
        archive.writestr(member, "1,1,1,1,9,9,1,-1,-1,-1\n")
    with pytest.raises(DataError, match="lies outside"):
        score(gt, tmp_path / "a.zip")
    assert not (tmp_path.parent / "A.txt").exists()


def test_links_in_zips_are_refused(gt, tmp_path):
    link = zipfile.ZipInfo("A.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="lies outside"):
        score(gt, tmp_path / "a.zip")


def test_bombs_are_not_unpacked(gt, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A.txt", b"0" * (20 << 20))
    with pytest.raises(DataError, match="bytes that unpack to 20971520; unpack it by hand"):
        score(gt, tmp_path / "a.zip")


def test_many_members_are_refused(gt, pred, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    with pytest.raises(DataError, match="2 files; at most 1"):
        score(gt, pack(pred, tmp_path / "a.zip"))


def test_broken_zips_are_one_line(gt, pred, tmp_path):
    path = pack(pred, tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.zip: cannot unpack"):
        score(gt, path)
    path.write_bytes(b"PK no")
    with pytest.raises(DataError, match="not a zip file"):
        score(gt, path)


def test_one_file_is_one_sequence(gt, pred):
    with pytest.warns(DataWarning, match="--pred is one file; not evaluated: B"):
        assert list(score(gt, pred / "A.txt")) == ["A", "COMBINED"]


@pytest.mark.parametrize("format_", ["kitti", "coco", "bdd100k"])
def test_results_of_other_formats(gt, pred, tmp_path, format_):
    """The same boxes in KITTI's, COCO's and BDD100K's files, frames counted as these do."""
    expected = score(gt, pred)
    by_name(format_).write(tmp_path / "other", [video(name, 4.0) for name in NAMES], "tracks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # COCO and BDD100K have no frame rate
        assert score(gt, tmp_path / "other") == pytest.approx(expected, abs=1e-4)


def test_coco_lists_of_results_need_the_annotations_file(pred, gt, tmp_path):
    expected = score(gt, pred)
    by_name("coco").write(tmp_path / "coco", [video(name) for name in NAMES], "annotations")
    by_name("coco").write(tmp_path / "other", [video(name, 4.0) for name in NAMES], "tracks")
    results = json.loads((tmp_path / "other" / "annotations.json").read_text())["annotations"]
    kept = ("image_id", "category_id", "bbox", "score", "track_id")
    (tmp_path / "results.json").write_text(json.dumps([{key: each[key] for key in kept} for each in results]))
    found = score(tmp_path / "coco", tmp_path / "results.json")
    assert found == pytest.approx(expected, abs=1e-4)


def test_columns_beyond_the_tenth_do_not_matter(gt, pred):
    expected = score(gt, pred)
    for file in pred.iterdir():
        lines = file.read_text().splitlines()
        file.write_text("".join(f"{line},7,8\n" for line in lines))
    assert score(gt, pred) == expected


def test_frame_bases_of_both_sides(gt, pred):
    expected = score(gt, pred)
    for file in pred.iterdir():
        rows = [line.split(",") for line in file.read_text().splitlines()]
        file.write_text("".join(",".join([str(int(row[0]) - 1), *row[1:]]) + "\n" for row in rows))
    with pytest.raises(DataError, match="--pred-frame-base"):
        score(gt, pred)
    assert score(gt, pred, ReadingOptions(frame_base=0)) == expected


def test_sparse_annotation_is_warned_of_and_can_be_told(tmp_path):
    """Every tenth frame is annotated, and all are tracked: nine tenths of the result would count as false."""
    frames = range(1, 92)
    rows = [(f, i, 100.0 * i + f, 20.0, 40.0, 60.0) for f in frames for i in range(2)]
    whole = make_sequence(rows, name="A", length=91)
    some = replace(whole, boxes=whole.boxes[whole.boxes["frame"] % 10 == 1])
    by_name("mot").write(tmp_path / "gt", [some], "annotations")
    write_tracks(tmp_path / "pred" / "A.txt", whole)
    with pytest.warns(DataWarning, match=r"A: .* one frame in 10 is annotated; .* --only-annotated-frames"):
        assert score(tmp_path / "gt", tmp_path / "pred")["A"] < 0.5
    assert score(tmp_path / "gt", tmp_path / "pred", only_annotated=True)["A"] == 1


def test_gaps_by_chance_are_no_sparse_annotation(tmp_path):
    rng = np.random.default_rng(0)
    rows = [(f, 1, 100.0 + f, 20.0, 40.0, 60.0) for f in range(1, 92)]
    whole = make_sequence(rows, name="A", length=91)
    by_name("mot").write(tmp_path / "gt", [whole.take(rng.random(91) < 0.6)], "annotations")
    write_tracks(tmp_path / "pred" / "A.txt", whole)
    score(tmp_path / "gt", tmp_path / "pred")  # a warning would be an error


def test_names_of_results(tmp_path):
    paths = [tmp_path / "one" / "out", tmp_path / "two" / "out", tmp_path / "c.zip"]
    assert list(result_names(paths)) == ["out", "two/out", "c"]
    assert list(result_names(paths, ["a", "b", "c"])) == ["a", "b", "c"]
    with pytest.raises(DataError, match="2 --name for 3 --pred"):
        result_names(paths, ["a", "b"])
    with pytest.raises(DataError, match="two results are named 'a'"):
        result_names(paths, ["a", "a", "c"])
