"""``convert``, ``check`` and ``synth`` as a user types them."""

import json

import pytest

from gnntrack.loaders.tensors import read_header


def test_convert_to_a_file_format_and_to_graphs(gnntrack, tmp_path):
    assert gnntrack("synth", "-o", "scenes", "--objects", "4", "--frames", "40").code == 0
    done = gnntrack("convert", "scenes", "--from", "mot", "--to", "kitti", "-o", "kitti")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("mot to kitti: ")
    assert (tmp_path / "kitti" / "label_02" / "synthetic-0001.txt").is_file()
    done = gnntrack("convert", "kitti", "-o", "graphs")
    assert "reading kitti (guessed: kitti/label_02 exists)" in done.out
    assert json.loads((tmp_path / "graphs" / "index.json").read_text())["complete"]
    done = gnntrack("convert", "kitti", "-o", "graphs")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\ngraphs is up to date\n")


@pytest.mark.parametrize("path", ["sample", "TUD-Campus"])
def test_the_sample_goes_by_name(gnntrack, tmp_path, path):
    done = gnntrack("check", path, "--json")
    names = [entry["name"] for entry in json.loads(done.out)["sequences"]["annotations"]]
    assert (done.code, names) == (0, ["TUD-Stadtmitte", "TUD-Campus"] if path == "sample" else ["TUD-Campus"])
    assert gnntrack("convert", path, "--to", "kitti", "-o", "out").code == 0
    assert sorted(file.stem for file in (tmp_path / "out" / "det").iterdir()) == sorted(names)
    done = gnntrack("convert", path, "--to", "sample", "-o", "other")
    assert (done.code, done.err) == (2, "error: the sample can only be read; convert to another format\n")


def test_every_verb_keeps_the_classes_that_are_named(gnntrack, tmp_path):
    (tmp_path / "a.txt").write_text("1,1,5,5,10,20,1,1,1\n1,2,50,5,10,20,1,3,1\n")
    done = gnntrack("convert", "a.txt", "--to", "mot", "-o", "out", "--class", "3", "--size", "640x480")
    assert "1 annotations in 1 sequences" in done.out
    done = gnntrack("check", "a.txt", "--class", "3", "--json")
    assert json.loads(done.out)["sequences"]["annotations"][0]["boxes"] == 1
    done = gnntrack("convert", "a.txt", "--to", "mot", "-o", "x", "--class", "car")
    assert "no class 'car'; known: numbers alone" in done.err


def test_a_store_older_than_its_source_is_brought_up_to_date(gnntrack, tmp_path):
    gnntrack("synth", "-o", "scenes", "--objects", "4", "--frames", "40")
    gnntrack("convert", "scenes", "-o", "graphs")
    before = (tmp_path / "graphs" / "index.json").read_text()
    gnntrack("synth", "-o", "scenes", "--objects", "4", "--frames", "40", "--seed", "7", "--overwrite")
    assert gnntrack("convert", "scenes", "-o", "graphs").code == 0
    assert (tmp_path / "graphs" / "index.json").read_text() != before


def test_an_unknown_format_and_a_bad_size(gnntrack, tmp_path):
    (tmp_path / "a.txt").write_text("1,1,5,5,10,20,1\n")
    done = gnntrack("convert", "a.txt", "--to", "mott", "-o", "out")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "error: no format 'mott'; known: coco, labelstudio, bdd100k, cvat, parquet, csv, kitti, "
    )
    assert "give WIDTHxHEIGHT" in gnntrack("convert", "a.txt", "--size", "big", "-o", "out").err
    assert not (tmp_path / "out").exists()


def test_check_of_good_and_bad_data(gnntrack, tmp_path):
    gnntrack("synth", "-o", "scenes", "--objects", "4", "--frames", "40", "--detector", "dancetrack-yolox")
    done = gnntrack("check", "scenes")
    assert done.code == 0
    assert "no problems" in done.out
    assert "recall" in done.out
    (tmp_path / "bad.txt").write_text("1,1,5,5,nan,20,1\n2,1,5,5,0,20,1\n")
    done = gnntrack("check", "bad.txt", "--json")
    assert (done.code, done.err) == (2, "error: bad.txt: 2 problems; they are listed above\n")
    report = json.loads(done.out)
    assert report["problem_counts"] == {"number": 1, "size": 1}
    assert "bad.txt:1: w is nan; give a finite number" in report["problems"]
    (tmp_path / "skip.txt").write_text("1,1,5,5,9,20,1\n2,1,5,5,0,20,1\n")
    done = gnntrack("check", "skip.txt", "--on-error", "skip")
    assert done.code == 0
    assert "skipped: 1 rows" in done.out


def test_a_recipe_says_how_files_are_read(gnntrack, tmp_path):
    for name, text in (("gt", "1,1,5,5,10,20,1,-1,-1,-1\n"), ("det", "1,-1,5,5,10,20,-3\n1,-1,50,5,10,20,40\n")):
        (tmp_path / "A" / name).mkdir(parents=True)
        (tmp_path / "A" / name / f"{name}.txt").write_text(text)
    done = gnntrack("convert", "A", "-o", "graphs", "--frame-rate", "25")
    assert done.code == 2
    assert "rescale raw scores with --confidence rescale" in done.err
    assert gnntrack("convert", "A", "--dataset", "mot15", "-o", "out", "--to", "mot").code == 0


def test_synth_fit_and_detections(gnntrack, tmp_path):
    wishes = ["--objects", "5", "--frames", "60", "--sequences", "2", "--detector", "dancetrack-yolox"]
    gnntrack("synth", "-o", "scenes", *wishes)
    done = gnntrack("synth", "fit", "scenes", "-o", "mine.json", "--hold-out", "2")
    assert done.code == 0, done.err
    assert "recall  real" in done.out
    one = ["synth", "fit", "scenes", "-o", "one.json", "--hold-out", "0", "--sequence", "*-0002", "--class", "1"]
    assert gnntrack(*one).code == 0
    assert json.loads((tmp_path / "one.json").read_text())["description"] == "1 sequences"
    done = gnntrack(*one[:4], "none.json", "--sequence", "absent")
    assert done.code == 2
    assert gnntrack("synth", "detections", "scenes", "-o", "again", "--detector", "mine.json").code == 0
    assert (tmp_path / "again" / "synthetic-0001" / "det" / "det.txt").is_file()
    done = gnntrack("synth", "-o", "many", "--objects", "5000")
    assert done.code == 2
    assert "objects: Input should be less than or equal to 1000" in done.err


def test_synth_fit_keeps_errors_to_copy(gnntrack, tmp_path):
    wishes = ["--objects", "5", "--frames", "60", "--sequences", "2", "--detector", "dancetrack-yolox"]
    gnntrack("synth", "-o", "scenes", *wishes)
    fit = ["synth", "fit", "scenes", "-o"]
    done = gnntrack(*fit, "mine.safetensors", "--copy", "--hold-out", "2")
    assert done.code == 0, done.err
    assert "crossings_found  real" in done.out
    assert gnntrack(*fit, "plain.safetensors", "--copy", "--as-measured", "--hold-out", "0").code == 0
    for name, span in (("mine", [1.0, 2.46]), ("plain", [1.0, 1.0])):
        about = json.loads(read_header(tmp_path / f"{name}.safetensors").metadata["copied_errors"])
        assert about["hardness"]["error_scale"] == span
    for name, more in (("mine.json", ["--copy"]), ("other.safetensors", [])):
        done = gnntrack(*fit, name, *more)
        assert done.code == 2
        assert "tables go to a .json file, copied errors (--copy) to a .safetensors file" in done.err
    done = gnntrack(*fit, "other.json", "--as-measured")
    assert done.code == 2
    assert "add --copy" in done.err
    assert gnntrack("synth", "detections", "scenes", "-o", "again", "--detector", "mine.safetensors").code == 0
    assert (tmp_path / "again" / "synthetic-0001" / "det" / "det.txt").is_file()
    assert gnntrack("synth", "-o", "more", *wishes[:4], "--detector", "plain.safetensors").code == 0
    assert (tmp_path / "more" / "synthetic-0001" / "det" / "det.txt").is_file()


@pytest.mark.parametrize("to", ["coco", "bdd100k"])
def test_an_inferred_size_is_written_as_plain_numbers(gnntrack, tmp_path, to):
    (tmp_path / "S" / "gt").mkdir(parents=True)
    (tmp_path / "S" / "gt" / "gt.txt").write_text("1,1,100,200,60,180,1,1,1.0\n")
    assert gnntrack("convert", "S", "--to", to, "-o", "out").code == 0
    file = "annotations.json" if to == "coco" else "labels/S.json"
    text = (tmp_path / "out" / file).read_text()
    assert '"width": 160, "height": 380' in text
    assert gnntrack("view", "S", "--tracks", "S/gt/gt.txt").code == 0
