"""Every verb, in the forms that stay stable."""

from __future__ import annotations

import json

import pytest

from gnntrack.formats.registry import find_format
from gnntrack.models import load_weights

OWN_MODEL = "architecture: {hidden: 8, rounds: 1}\ngraph: {window: 6, stride: 2, max_gap: 4}\n"


def test_help_names_all_verbs(gnntrack):
    done = gnntrack("--help")
    assert done.code == 0
    for verb in ("convert", "train", "track", "eval", "inspect", "demo"):
        assert verb in done.out


def test_version(gnntrack):
    assert gnntrack("--version").out.strip() == "0.1.0"


@pytest.mark.parametrize("mode", ["online", "offline"])
def test_track_a_folder_of_sequences(gnntrack, root, weights, tmp_path, mode):
    done = gnntrack("track", root, "--weights", weights, "-o", tmp_path / "out", "--mode", mode)
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["A.txt", "B.txt", "gnntrack.manifest"]
    scored = gnntrack("eval", "--gt", root, "--pred", tmp_path / "out", "--json")
    rows = json.loads(scored.out)
    assert list(rows) == ["A", "B", "COMBINED"]
    assert rows["COMBINED"]["objects"] == 32


def test_track_with_other_settings(gnntrack, root, weights, association, tmp_path):
    """What ``--set`` says holds for this run, by the names of ``from_pretrained``."""
    command = ("track", root / "A", "--weights", weights)
    for value, tracked in ((1, True), (9, False)):
        setting = f"tracking.offline.minimum_length={value}"
        assert gnntrack(*command, "-o", f"{value}", "--set", setting, "--mode", "offline").code == 0
        assert bool((tmp_path / f"{value}" / "A.txt").read_text()) == tracked
    for setting, problem in (
        ("tracking.births.confidenc=0.2", "no setting 'tracking.births.confidenc'; did you mean 'births.confidence'?"),
        ("max_age=3", "no setting 'max_age'; here it is links.memory"),
        ("births.score", "--set 'births.score'; write KEY=VALUE"),
        ("births.confidence=7", "tracking.births.confidence: Input should be less than or equal to 1 (found 7)"),
        ("links.memory=3", "tracking.links.memory does nothing for models of kind message_passing"),
    ):
        done = gnntrack(*command, "-o", "out", "--set", setting)
        assert (done.code, done.err.count("\n"), (tmp_path / "out").exists()) == (2, 1, False)
        assert done.err.startswith(f"error: {problem}"), done.err
    done = gnntrack("track", root, "--weights", association, "-o", "out", "--set", "interpolate=1")
    assert done.err.startswith("error: boxes.interpolate does nothing online without a lag; leave it out")


def test_track_a_sequence_folder_and_a_file(gnntrack, root, weights, tmp_path):
    assert gnntrack("track", root / "A", "--weights", weights, "-o", tmp_path / "one").code == 0
    flat = tmp_path / "street.txt"
    flat.write_text((root / "A" / "det" / "det.txt").read_text())
    done = gnntrack("track", flat, "--weights", weights, "-o", tmp_path / "two")
    assert done.code == 0
    assert "warning:" in done.err and "inferred" in done.err
    one, two = (tmp_path / "one" / "A.txt").read_text(), (tmp_path / "two" / "street.txt").read_text()
    assert len(one.splitlines()) == len(two.splitlines()) == 16


@pytest.fixture
def kitti(tmp_path):
    """KITTI's layout: videos 0000 and 0001, in each a car that drives on and a pedestrian, both detected twice."""
    boxes = [(1, "Car", 100, 160), (2, "Pedestrian", 400, 420)]
    for name in ("0000", "0001"):
        for folder, tail in (("label_02", ""), ("det_a", " 0.9"), ("det_b", " 0.9")):
            rows = [
                f"{frame} {i} {kind} 0 0 0 {left + 3 * frame} 150 {right + 3 * frame} 200 0 0 0 0 0 0 0{tail}\n"
                for frame in range(6)
                for i, kind, left, right in boxes
                if (folder, kind) != ("det_b", "Car")
            ]
            (tmp_path / "kitti" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "kitti" / folder / f"{name}.txt").write_text("".join(rows))
    return tmp_path / "kitti"


def test_track_and_evaluate_a_class_of_another_format(gnntrack, kitti, weights, tmp_path):
    done = gnntrack("track", kitti, "--weights", weights, "--class", "car", "-o", tmp_path / "cars")
    assert (done.code, done.err) == (0, f"weights: {weights}\n")
    assert done.out.count(" 6 of 6 boxes") == 2
    command = ["eval", "--gt", kitti, "--pred", tmp_path / "cars", "--class", "3", "--json"]
    rows = json.loads(gnntrack(*command).out)
    assert list(rows) == ["0000", "0001", "COMBINED"]
    assert rows["COMBINED"]["objects"] == 12
    assert (rows["COMBINED"]["misses"], rows["COMBINED"]["false_positives"]) == (0, 0)
    assert list(json.loads(gnntrack(*command, "--sequence", "0001").out)) == ["0001", "COMBINED"]
    wrong = gnntrack(*command[:5], "--class", "horse")
    assert wrong.code == 1  # both sequences are wrong
    assert wrong.err.startswith("failed: 0000, 0001: no class 'horse'; known: Pedestrian, ")


def test_a_class_that_a_video_lacks_is_named(gnntrack, kitti, weights, tmp_path):
    """The result is empty, which nobody should have to guess at."""
    done = gnntrack(
        "track", kitti, "--weights", weights, "--class", "van", "--sequence", "0001", "-o", tmp_path / "vans"
    )
    assert done.code == 0
    assert "0001: no box of class 'van'; its boxes are of class " in done.err


def test_advice_of_eval_is_not_what_is_done_already(gnntrack, tmp_path):
    (tmp_path / "A" / "gt").mkdir(parents=True)
    (tmp_path / "A" / "gt" / "gt.txt").write_text("1,1,5,5,9,9,0,1,1\n")  # its flag says: do not evaluate
    (tmp_path / "A.txt").write_text("1,1,5,5,9,9,1,-1,-1,-1\n")
    command = ["eval", "--gt", tmp_path / "A", "--pred", tmp_path / "A.txt"]
    for rules in ("custom", "mot17"):
        error = gnntrack(*command, "--benchmark", rules).err
        assert f"no annotation counts under '{rules}'" in error
        assert ("--benchmark custom" in error) == (rules == "mot17")


def test_track_the_detections_and_sequences_asked_for(gnntrack, kitti, root, weights, tmp_path):
    command = ["track", kitti, "--weights", weights, "--from", "kitti"]
    done = gnntrack(*command, "--detections", "det_b", "--sequence", "0001", "-o", tmp_path / "one")
    assert done.code == 0
    assert [path.name for path in (tmp_path / "one").glob("*.txt")] == ["0001.txt"]
    assert " 6 of 6 boxes" in done.out
    assert gnntrack(*command, "--sequence", "7", "-o", tmp_path / "none").err.startswith(
        f"error: {kitti}: no sequence 7; found 0000, 0001"
    )
    (root / "A" / "det" / "other.txt").write_text("1,-1,50,60,20,50,1\n")
    command = ["track", root, "--weights", weights, "--sequence", "A", "--detections", "det/other.txt"]
    assert " of 1 boxes" in gnntrack(*command, "-o", tmp_path / "other").out


def test_what_lies_beside_sequence_folders_does_not_matter(gnntrack, root, weights, tmp_path):
    (root / "annotations.json").write_text('{"images": [], "annotations": []}')
    (root / "detections.json").write_text('{"images": [], "annotations": []}')
    flat = tmp_path / "street.txt"
    flat.write_text("1,-1,50,60,20,50,1,4,0,0\n")
    assert [find_format(path)[0].name for path in (root, flat)] == ["mot", "mot"]
    assert gnntrack("track", root, "--weights", weights, "-o", tmp_path / "out").code == 0
    assert gnntrack("eval", "--gt", root, "--pred", tmp_path / "out").code == 0


def test_rules_of_a_benchmark_say_which_classes_count(gnntrack, root, tmp_path):
    """Without the annotations of distractors, results on them would count as false."""
    done = gnntrack("eval", "--gt", root, "--pred", tmp_path, "--benchmark", "mot17", "--class", "1")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --class with the rules of mot17; leave it out")


def test_track_refuses_to_overwrite(gnntrack, root, weights, tmp_path):
    command = ["track", root / "A", "--weights", weights, "-o", tmp_path / "out"]
    assert gnntrack(*command).code == 0
    done = gnntrack(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("A.txt: output exists; pass --overwrite or choose another\n")
    assert gnntrack(*command, "--overwrite").code == 0


def test_track_empty_detections(gnntrack, root, weights, tmp_path):
    (root / "A" / "det" / "det.txt").write_text("")
    done = gnntrack("track", root, "--weights", weights, "-o", tmp_path / "out")
    assert done.code == 0
    assert (tmp_path / "out" / "A.txt").read_text() == ""
    assert (tmp_path / "out" / "B.txt").read_text() != ""


def test_skip_counts_rows(gnntrack, root, weights, tmp_path):
    path = root / "A" / "det" / "det.txt"
    path.write_text(path.read_text() + "3,1,5,5,0,9,1\n")
    done = gnntrack("track", root / "A", "--weights", weights, "-o", tmp_path / "out")
    assert done.code == 2
    assert "det.txt:17: " in done.err and "--on-error skip" in done.err
    assert not (tmp_path / "out").exists()
    done = gnntrack("track", root / "A", "--weights", weights, "-o", tmp_path / "out", "--on-error", "skip")
    assert "1 rows without a size dropped" in done.out


@pytest.mark.parametrize("path", ["nowhere", "nowhere.txt"])
def test_missing_input(gnntrack, weights, path):
    done = gnntrack("track", path, "--weights", weights, "-o", "out")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {path}: ")
    assert done.err.count("\n") == 1


def test_missing_weights(gnntrack, root):
    done = gnntrack("track", root, "--weights", "nothing-like-this", "-o", "out")
    assert done.code == 2
    assert "nothing-like-this" in done.err


def test_weights_are_named(gnntrack, root, weights, tmp_path):
    (tmp_path / "models").mkdir()
    local = tmp_path / "models" / "default.safetensors"
    local.write_bytes(weights.read_bytes())
    done = gnntrack("track", root / "A", "--weights", "default", "-o", "one")
    assert (done.code, done.err) == (0, "weights: default, shipped with gnntrack 0.1.0\n")
    done = gnntrack("track", root / "A", "--weights", "models/default.safetensors", "-o", "two")
    assert (done.code, done.err) == (0, "weights: models/default.safetensors\n")
    done = gnntrack("inspect", root / "A", "--json", "--weights", local)
    assert (done.code, done.err) == (0, f"weights: {local}\n")
    assert json.loads(done.out)


def test_eval_table(gnntrack, root, weights, tmp_path):
    gnntrack("track", root, "--weights", weights, "-o", tmp_path / "out")
    done = gnntrack("eval", "--gt", root, "--pred", tmp_path / "out", "--benchmark", "mot17")
    assert "HOTA" in done.out and "COMBINED" in done.out


def test_eval_of_nothing(gnntrack, root, tmp_path):
    (tmp_path / "empty").mkdir()
    done = gnntrack("eval", "--gt", root, "--pred", tmp_path / "empty")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("empty: found no .txt file; expected A, B (.txt)\n")


def test_convert_and_inspect(gnntrack, root, tmp_path):
    done = gnntrack("convert", root, "-o", tmp_path / "graphs")
    assert done.code == 0, done.err
    done = gnntrack("inspect", root / "A", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)


def test_train_then_track(gnntrack, root, tmp_path):
    (tmp_path / "mine.yaml").write_text(f"root: {root}\ntraining: [A]\nvalidation: [B]\n")
    (tmp_path / "small.yaml").write_text(OWN_MODEL)
    command = ["train", "--dataset", "./mine.yaml", "--recipe", "./small.yaml", "--loss", "focal", "-o", "run"]
    done = gnntrack(*command, "--epochs", "2")
    assert done.code == 0, done.err
    run = tmp_path / "run"
    for name in ("weights.safetensors", "window/metrics.csv", "window/curves.png", "last.safetensors", "run.json"):
        assert (run / name).stat().st_size > 0, name
    assert gnntrack("track", root, "--weights", run / "weights.safetensors", "-o", "out").code == 0
    more = ["train", "--dataset", "./mine.yaml", "--start", run / "weights.safetensors"]
    more += ["--loss", "focal", "-o", "more"]
    assert gnntrack(*more, "--epochs", "1").code == 0
    first, second = (load_weights(tmp_path / name / "weights.safetensors")[1] for name in ("run", "more"))
    assert first.model_dump(exclude={"stages"}) == second.model_dump(exclude={"stages"})
    assert [stage.epochs for recipe in (first, second) for stage in recipe.stages] == [2, 1]


def test_unknown_recipe(gnntrack):
    done = gnntrack("train", "--dataset", "sampel", "-o", "run")
    assert done.code == 2
    assert done.err == "error: no datasets recipe 'sampel'; did you mean 'sample'?\n"
