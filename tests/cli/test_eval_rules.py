"""``gnntrack eval`` on files whose annotations say where results are not judged, and of which class boxes are."""

from __future__ import annotations

import json
import re

import pytest

FRAMES = range(10)


def scored(gnntrack, *more):
    done = gnntrack("eval", "--gt", "gt", "--pred", "pred", "--json", *more)
    assert done.code == 0, done.err
    return json.loads(done.out), done.err


def put(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows))


def kitti_row(frame, number, kind, left, right, occluded=0, truncated=0, score=""):
    return f"{frame} {number} {kind} {truncated} {occluded} -10 {left} 100 {right} 200 -1 -1 -1 0 0 0 0{score}"


@pytest.fixture
def kitti(tmp_path):
    """A car on ten frames, a region beside it, a van, a car that cannot be seen; results on all of them.

    annotations   car 1 ■      ░ DontCare ░      van 2 ■     hidden car 3 ■     truncated car 4 ■
    results             ■           ■                  ■                  ■                     ■
    """
    gt, pred = [], []
    for frame in FRAMES:
        gt += [kitti_row(frame, 1, "Car", 0, 100), kitti_row(frame, -1, "DontCare", 300, 500, -1, -1)]
        gt += [kitti_row(frame, 2, "Van", 600, 700), kitti_row(frame, 3, "Car", 800, 900, occluded=3)]
        gt += [kitti_row(frame, 4, "Car", 1000, 1100, truncated=1)]
        lefts = (0, 320, 600, 800, 1000)
        pred += [kitti_row(frame, n, "Car", left, left + 100, score=" 0.9") for n, left in enumerate(lefts)]
    put(tmp_path / "gt" / "label_02" / "0000.txt", gt)
    put(tmp_path / "pred" / "0000.txt", pred)
    return tmp_path


def test_kitti(gnntrack, kitti):
    rows, said = scored(gnntrack)
    assert (rows["COMBINED"]["hota"], rows["COMBINED"]["mota"], rows["COMBINED"]["false_positives"]) == (100, 100, 0)
    assert "counted by the rules of kitti" in said
    custom, _ = scored(gnntrack, "--benchmark", "custom", "--class", "Car")
    assert (custom["COMBINED"]["objects"], custom["COMBINED"]["false_positives"]) == (30, 20)


def test_results_without_classes_are_said_to_be_so(gnntrack, kitti):
    put(
        kitti / "pred" / "0000.txt",
        [f"{frame + 1},{n},{left},100,100,100,1,-1,-1,-1" for frame in FRAMES for n, left in enumerate((0, 320))],
    )
    rows, said = scored(gnntrack)
    assert (rows["COMBINED"]["hota"], rows["COMBINED"]["mota"]) == (100, 100)
    assert "pred: no classes in the results" in said
    assert "pred: no classes in the results" in scored(gnntrack, "--class", "Car", "--benchmark", "custom")[1]


def mot_row(frame, number, left, kind, flag=1):
    return f"{frame + 1},{number},{left},100,100,100,{flag},{kind},1"


def test_a_perfect_copy_of_two_classes_is_perfect_for_each(gnntrack, tmp_path):
    """HOTA was 70.7: results of the other class counted as false positives."""
    rows = [mot_row(frame, kind, 200 * kind, kind) for frame in FRAMES for kind in (1, 2)]
    put(tmp_path / "gt" / "street" / "gt" / "gt.txt", rows)
    put(tmp_path / "pred" / "street.txt", [f"{row},-1"[:-5] + ",-1,-1" for row in rows])
    for chosen in (["--class", "1"], ["--class", "2"], []):
        found, said = scored(gnntrack, *chosen, "--size", "1000x500", "--frame-rate", "25")
        assert {name: row["hota"] for name, row in found.items()}["COMBINED"] == 100
        assert "no classes" not in said
    assert {"COMBINED/1", "COMBINED/2", "COMBINED/class mean"} <= set(found)
    assert found["COMBINED/class mean"]["hota"] == 100


def test_uavdt_regions_lie_in_a_file_beside(gnntrack, tmp_path):
    put(tmp_path / "gt" / "M0101_gt.txt", [f"{frame + 1},1,0,100,100,100,1,-1,-1" for frame in FRAMES])
    put(tmp_path / "gt" / "M0101_gt_ignore.txt", [f"{frame + 1},-1,300,100,200,200,1,-1,-1" for frame in FRAMES])
    put(tmp_path / "gt" / "M0101_gt_whole.txt", [f"{frame + 1},1,0,100,100,100,1,-1,1" for frame in FRAMES])
    put(
        tmp_path / "pred" / "M0101.txt",
        [f"{frame + 1},{n},{left},100,100,100,1,-1,-1,-1" for frame in FRAMES for n, left in enumerate((0, 320))],
    )
    rows, said = scored(gnntrack)
    assert list(rows) == ["M0101", "COMBINED"]
    assert (rows["M0101"]["hota"], rows["M0101"]["mota"]) == (100, 100)
    assert "counted by the rules of uavdt" in said
    assert scored(gnntrack, "--benchmark", "custom")[0]["M0101"]["mota"] == 0


def test_visdrone_regions_and_rows_of_score_0(gnntrack, tmp_path):
    gt, pred = [], []
    for frame in FRAMES:
        gt += [f"{frame + 1},1,0,100,100,100,1,4,0,0", f"{frame + 1},0,300,100,200,200,0,0,0,0"]
        gt += [f"{frame + 1},2,600,100,100,100,0,11,0,0"]
        pred += [f"{frame + 1},{n},{left},100,100,100,0.9,4,-1,-1" for n, left in enumerate((0, 320, 600))]
    put(tmp_path / "gt" / "annotations" / "uav1.txt", gt)
    put(tmp_path / "pred" / "uav1.txt", pred)
    rows, said = scored(gnntrack)
    assert (rows["uav1"]["hota"], rows["uav1"]["mota"]) == (100, 100)
    assert "counted by the rules of visdrone" in said


def coco_box(number, image, left, **more):
    return {"id": number, "image_id": image, "bbox": [left, 100, 100, 100], "track_id": number % 10} | more


def test_coco_crowds(gnntrack, tmp_path):
    """A dog in a crowd of dogs is no mistake, a dog in a crowd of cats is one."""
    images = [{"id": frame, "video_id": 1, "frame_id": frame} for frame in FRAMES]
    names = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    gt, pred = [], []
    for frame in FRAMES:
        start = 10 * frame
        gt += [coco_box(start + 1, frame, 0, category_id=2), coco_box(start + 2, frame, 900, category_id=1)]
        gt += [coco_box(start + 3, frame, 300, category_id=2, iscrowd=1)]
        gt += [coco_box(start + 4, frame, 600, category_id=1, iscrowd=1)]
        pred += [coco_box(start + n, frame, left, category_id=2, score=0.9) for n, left in enumerate((0, 300, 600))]
        pred += [coco_box(start + 5, frame, 900, category_id=1, score=0.9)]
    document = {"videos": [{"id": 1, "name": "yard", "fps": 25}], "images": images, "categories": names}
    put(tmp_path / "gt" / "annotations.json", [json.dumps(document | {"annotations": gt})])
    put(tmp_path / "pred" / "results.json", [json.dumps(pred)])
    done = gnntrack("eval", "--gt", "gt", "--pred", "pred/results.json", "--json")
    rows = json.loads(done.out)
    assert (rows["COMBINED/dog"]["false_positives"], rows["COMBINED/cat"]["hota"]) == (10, 100)
    assert rows["COMBINED/class mean"]["mota"] == 50
    assert "counted by the rules of coco" in done.err


def test_bdd100k_crowds(gnntrack, tmp_path):
    def label(number, left, category="car", **attributes):
        box = {"x1": left, "y1": 100, "x2": left + 100, "y2": 200}
        return {"id": str(number), "category": category, "box2d": box, "attributes": attributes}

    gt = [[label(1, 0), label(2, 300, crowd=True), label(3, 600, "other vehicle")] for _ in FRAMES]
    pred = [[label(1, 0), label(2, 300), label(3, 600)] for _ in FRAMES]
    for folder, labels in (("gt", gt), ("pred", pred)):
        frames = [{"videoName": "v", "frameIndex": frame, "labels": labels[frame]} for frame in FRAMES]
        put(tmp_path / folder / "v.json", [json.dumps(frames)])
    rows, said = scored(gnntrack)
    assert (rows["v"]["hota"], rows["v"]["mota"]) == (100, 100)
    assert "counted by the rules of bdd100k" in said


def test_tao_does_not_judge_classes_nobody_looked_for(gnntrack, tmp_path):
    """Of dogs not all are annotated; birds were not looked for; a cat is known not to be there."""
    images = [{"id": frame, "video_id": 1, "frame_index": frame} for frame in FRAMES]
    names = [{"id": number, "name": name} for number, name in enumerate(("cat", "dog", "bird"), 1)]
    lists = {"neg_category_ids": [1], "not_exhaustive_category_ids": [2]}
    videos = [{"id": 1, "name": "yard", "fps": 25, **lists}, {"id": 2, "name": "other", "fps": 25}]
    images += [{"id": 99, "video_id": 2, "frame_index": 0}]
    gt = [coco_box(10 * frame + 1, frame, 0, category_id=2) for frame in FRAMES]
    gt += [coco_box(990 + kind, 99, 300 * kind, category_id=kind) for kind in (1, 3)]
    pred = [dict(box, score=0.9) for box in gt]
    pred += [coco_box(10 * f + k, f, 400 * k, category_id=k, score=0.9) for f in FRAMES for k in (1, 2, 3) if f]
    pred = [box | {"track_id": 50 + box["category_id"]} if box["bbox"][0] > 350 else box for box in pred]
    put(
        tmp_path / "gt" / "annotations.json",
        [json.dumps({"videos": videos, "images": images, "categories": names, "annotations": gt})],
    )
    put(tmp_path / "pred" / "results.json", [json.dumps(pred)])
    done = gnntrack("eval", "--gt", "gt", "--pred", "pred/results.json", "--json")
    assert "counted by the rules of tao" in done.err
    rows = json.loads(done.out)
    found = {name: rows[f"COMBINED/{name}"]["false_positives"] for name in ("cat", "dog", "bird")}
    assert found == {"cat": 9, "dog": 0, "bird": 0}


def test_view_forgives_what_eval_forgives(gnntrack, kitti):
    """Regions and neighbours used to be dropped before the page matched anything."""
    boxes = [
        f"{frame + 1},{n},{left},100,100,100,1,-1,-1,-1" for frame in FRAMES for n, left in enumerate((0, 320, 600))
    ]
    put(kitti / "tracks.txt", boxes)
    errors = {}
    for benchmark in ("kitti", "custom"):
        done = gnntrack("view", "gt", "--tracks", "tracks.txt", "--benchmark", benchmark, "-o", f"{benchmark}.html")
        assert done.code == 0, done.err
        page = (kitti / f"{benchmark}.html").read_text(encoding="utf-8")
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
        errors[benchmark] = json.loads(data[1])["counts"]["false_positives"]
    assert errors == {"kitti": 0, "custom": 10}
