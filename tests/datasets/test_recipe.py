"""Data set recipes: splits, halves, classes, distractors, and where sequences lie."""

import numpy as np
import pytest

from gnntrack import DataError, DataWarning, recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import cut, find_sequence, labelled_split
from gnntrack.datasets.synthetic import Hardness, keep_errors, save_detector
from gnntrack.formats.options import parse_size

INFO = "[Sequence]\nname=x\nframeRate=25\nseqLength={length}\nimWidth=640\nimHeight=480\n"


def write(folder, truth, found=None, length=4):
    """A sequence folder with these rows."""
    for name, text in (("gt", truth), ("det", found)):
        if text is not None:
            (folder / name).mkdir(parents=True)
            (folder / name / f"{name}.txt").write_text(text)
    (folder / "seqinfo.ini").write_text(INFO.format(length=length))


@pytest.fixture
def root(tmp_path):
    """train/A, train/B, val/C; A has a person (class 1), a car (3) and a reflection (12), each detected."""
    rows = [(1, 1, 10, 1, 1), (1, 2, 200, 1, 3), (1, 3, 400, 0, 12)]
    truth = "".join(f"{frame},{i},{x},10,40,80,{flag},{kind},1\n" for frame, i, x, flag, kind in rows)
    found = "".join(f"1,-1,{x},10,40,80,0.9\n" for x in (10, 200, 400, 600))
    write(tmp_path / "train" / "A", truth, found)
    write(tmp_path / "train" / "B", "1,1,5,5,10,20,1,1,1\n")
    write(tmp_path / "val" / "C", "2,1,5,5,10,20,1,1,1\n")
    return tmp_path


@pytest.mark.parametrize("name", recipes.names("datasets"))
def test_every_shipped_recipe_is_valid_and_says_where_data_come_from(name):
    recipe = recipes.load("datasets", name, DatasetRecipe)
    assert recipe.description
    assert recipe.licence
    assert recipe.where
    if name != "sample":
        with pytest.raises(DataError):
            list(labelled_split(recipe.model_copy(update={"root": "/nowhere"}), "training"))


def test_all_promised_recipes_ship():
    promised = {"mot15", "mot17", "mot20", "dancetrack", "sportsmot", "kitti", "bdd100k", "visdrone", "tao", "sample"}
    assert promised <= set(recipes.names("datasets"))


def names(recipe, split):
    return [item.sequence.name for item in labelled_split(recipe, split)]


def test_splits_lie_in_folders_and_the_root_may_be_one_of_them(root):
    recipe = DatasetRecipe(training=("train/*",), validation=("val/*",))
    for place in (root, root / "train"):
        there = recipe.model_copy(update={"root": str(place)})
        assert names(there, "training") == ["A", "B"]
        assert names(there, "validation") == ["C"]


def test_held_out_sequences_are_not_trained_on(root):
    recipe = DatasetRecipe(root=str(root / "train"), validation=("B",))
    assert names(recipe, "training") == ["A"]
    assert names(recipe, "validation") == ["B"]
    assert names(recipe, "test") == []


def test_classes_and_distractors(root):
    """The reflection's detection is left out; the car's and the stray one count as false positives."""
    recipe = DatasetRecipe(
        root=str(root / "train"), training=("A",), boxes=("annotations", "detections"), classes=(1,), distractors=(12,)
    )
    annotated, detected = labelled_split(recipe, "training")
    assert annotated.identity.tolist() == [1]
    assert detected.sequence.xywh[:, 0].tolist() == [10, 200, 600]
    assert detected.identity.tolist() == [1, -1, -1]
    assert find_sequence(recipe, "A", "annotations").boxes["class_id"].tolist() == [1]


def test_detections_in_regions_are_left_out(tmp_path):
    """Two cars, a region ``r``; a detection on a car counts there too, one that half lies in the region does not.

    ::

        car 1, its detection     [ r   stray   car 2, its detection   ]   half in   outside
    """
    rows = "".join(
        f"1,{i},{x},10,{width},80,{flag},{kind},1\n"
        for i, x, width, flag, kind in [(1, 10, 40, 1, 3), (2, 300, 40, 1, 3), (-1, 200, 200, 0, 13)]
    )
    found = "".join(f"1,-1,{x},10,40,80,0.9\n" for x in (10, 220, 300, 380, 381, 600))
    write(tmp_path / "A", rows, found)
    recipe = DatasetRecipe(root=str(tmp_path), training=("A",), boxes=("detections",), classes=(3,), regions=(13,))
    (item,) = labelled_split(recipe, "training")
    assert item.sequence.xywh[:, 0].tolist() == [10, 300, 381, 600]
    assert item.identity.tolist() == [1, 2, -1, -1]


@pytest.mark.parametrize(("overlap", "identity"), [(0.5, -1), (0.3, 1)])
def test_a_loose_detector_wants_a_smaller_overlap(tmp_path, overlap, identity):
    """The detection is moved by four tenths of its width: IoU 0.43."""
    write(tmp_path / "A", "1,1,10,10,20,40,1,1,1\n")
    (tmp_path / "A" / "det").mkdir(exist_ok=True)
    (tmp_path / "A" / "det" / "det.txt").write_text("1,-1,18,10,20,40,0.9\n")
    recipe = DatasetRecipe(root=str(tmp_path), training=("A",), boxes=("detections",), overlap=overlap)
    assert next(labelled_split(recipe, "training")).identity.tolist() == [identity]


def test_simulated_boxes_are_the_same_each_time(root):
    recipe = DatasetRecipe(root=str(root / "train"), training=("A",), boxes=("simulated",))
    first, second = (next(labelled_split(recipe, "training")).sequence.xywh.tolist() for _ in range(2))
    assert first == second


def test_simulated_boxes_may_have_copied_errors(root, tmp_path):
    """Of a detector that puts every box where the annotation is; the one that ships does not."""
    truth = find_sequence(DatasetRecipe(root=str(root / "train")), "A", "annotations")
    truth = truth.take(truth.boxes["conf"].to_numpy() > 0)
    path = str(tmp_path / "errors.safetensors")
    save_detector(path, keep_errors([(truth, truth.without_ids())], hardness=Hardness.none()))
    found = []
    for detector in (path, "dancetrack-yolox"):
        wishes = {"root": str(root / "train"), "training": ("A",), "boxes": ("simulated",), "detector": detector}
        (item,) = labelled_split(DatasetRecipe(**wishes), "training")
        found.append(item.sequence.xywh)
    np.testing.assert_allclose(found[0], truth.xywh, atol=1e-9)
    assert found[1].shape != truth.xywh.shape or not np.allclose(found[1], truth.xywh)


def test_halves_of_six_hundred_frames_have_301_and_299(tmp_path):
    rows = "".join(f"{frame},1,{frame},5,10,20,1,1,1\n" for frame in range(1, 601))
    write(tmp_path / "A", rows, length=600)
    recipe = DatasetRecipe(root=str(tmp_path), training=("A",), validation=("A",), halves=True)
    (first,), (second,) = labelled_split(recipe, "training"), labelled_split(recipe, "validation")
    assert (first.sequence.length, second.sequence.length) == (301, 299)
    assert first.sequence.xywh[-1, 0] == 301
    assert (second.sequence.frames[0], second.sequence.xywh[0, 0]) == (1, 302)
    assert cut(None, "first") is None


def test_a_sequence_without_detections_is_passed_over_with_a_warning(root):
    recipe = DatasetRecipe(root=str(root / "train"), boxes=("detections",))
    with pytest.warns(DataWarning, match="B: no det/det.txt"), pytest.warns(DataWarning, match="B: no detections"):
        assert names(recipe, "training") == ["A"]


def test_18_missing_sequences(root):
    recipe = DatasetRecipe(root=str(root / "train"), training=("A", "Z"))
    with pytest.warns(DataWarning, match="no annotated sequence 'Z' in"):
        assert names(recipe, "training") == ["A"]
    nothing = recipe.model_copy(update={"training": ("Z",)})
    with pytest.warns(DataWarning), pytest.raises(DataError, match="no sequence 'Z'; check root, --root and names"):
        list(labelled_split(nothing, "training"))
    with pytest.raises(DataError, match="no annotations of sequence 'Z'"):
        find_sequence(recipe, "Z", "annotations")


@pytest.mark.parametrize("size", ["640", "0x0", "640x0", "00x9", "640*480", "-1x2", "1e3x2", "x"])
def test_sizes_that_are_none(size):
    with pytest.raises(DataError, match="give WIDTHxHEIGHT, such as 1920x1080"):
        parse_size(size)


def test_37_an_unknown_key_names_the_nearest(tmp_path):
    (tmp_path / "mine.yaml").write_text("formt: mot\n")
    with pytest.raises(DataError, match="unknown key 'formt'; did you mean 'format'"):
        recipes.load("datasets", str(tmp_path / "mine.yaml"), DatasetRecipe)
