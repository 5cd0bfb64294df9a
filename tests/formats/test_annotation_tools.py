"""CVAT's and Label Studio's own files, as the tools write them."""

from __future__ import annotations

import json
import warnings

import pytest

from gnntrack.datasets.check import check
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import by_name, find_format
from gnntrack.reading import iterate, read
from tests.conftest import make_sequence

OPTIONS = ReadingOptions(frame_rate=25.0)

CVAT_VIDEO = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>street</name><size>9</size><mode>interpolation</mode>
      <labels>
        <label><name>person</name><attributes></attributes></label>
        <label><name>car</name><attributes></attributes></label>
      </labels>
      <original_size><width>1280</width><height>720</height></original_size>
    </task>
  </meta>
  <track id="0" label="car" source="manual">
    <box frame="0" keyframe="1" outside="0" occluded="0" xtl="10.5" ytl="20.0" xbr="50.5" ybr="90.0" z_order="0"></box>
    <box frame="1" keyframe="0" outside="0" occluded="1" xtl="12.5" ytl="20.0" xbr="52.5" ybr="90.0" z_order="0"></box>
    <box frame="2" keyframe="1" outside="1" occluded="0" xtl="12.5" ytl="20.0" xbr="52.5" ybr="90.0" z_order="0"></box>
  </track>
  <track id="1" label="person" source="auto">
    <box frame="4" keyframe="1" outside="0" occluded="0" xtl="1" ytl="2" xbr="4" ybr="6" rotation="12.5"></box>
    <polygon frame="5" points="1,2;3,4;5,6"></polygon>
  </track>
</annotations>
"""
CVAT_IMAGES = """<annotations><meta><task><size>2</size></task></meta>
<image id="0" name="f0.png" width="640" height="480">
  <box label="car" source="manual" occluded="0" xtl="1" ytl="2" xbr="4" ybr="6">
    <attribute name="track_id">7</attribute></box>
  <box label="person" occluded="0" xtl="5" ytl="2" xbr="9" ybr="6"></box>
  <tag label="night"></tag>
</image>
<image id="1" name="f1.png" width="640" height="480"></image>
</annotations>
"""


def rows(sequence, *columns):
    return sequence.boxes[list(columns)].to_numpy().tolist()


def test_cvat_for_video(tmp_path):
    (tmp_path / "annotations.xml").write_text(CVAT_VIDEO)
    told = "1 shapes that are no boxes are left out; 1 rotated boxes are taken as upright"
    with pytest.warns(DataWarning, match=told):
        (truth,) = read(tmp_path / "annotations.xml", "annotations", OPTIONS)
    assert (truth.name, truth.length, truth.width, truth.height) == (tmp_path.name, 9, 1280, 720)
    assert rows(truth, "frame", "id", "x", "y", "w", "h") == [
        [1, 0, 10.5, 20, 40, 70],
        [2, 0, 12.5, 20, 40, 70],
        [5, 1, 1, 2, 3, 4],
    ]
    assert (truth.classes, rows(truth, "class_id", "visibility")) == (
        {1: "person", 2: "car"},
        [[2, 1], [2, 0.5], [1, 1]],
    )


@pytest.mark.parametrize("said", ["maybe", "", "2"])
def test_cvat_says_whether_a_box_is_outside(tmp_path, said):
    (tmp_path / "annotations.xml").write_text(CVAT_VIDEO.replace('outside="1"', f'outside="{said}"'))
    problem = rf"annotations\.xml:\d+: <box>: outside is '{said}'; give 0 or 1"
    with pytest.raises(DataError, match=problem):
        read(tmp_path / "annotations.xml", "annotations", OPTIONS)


def test_cvat_for_images(tmp_path):
    (tmp_path / "street.xml").write_text(CVAT_IMAGES)
    (boxes,) = read(tmp_path / "street.xml", "annotations", OPTIONS)
    assert (boxes.name, boxes.length, boxes.width) == ("street", 2, 640)
    assert rows(boxes, "frame", "id", "x", "w") == [[1, -1, 5, 4], [1, 7, 1, 3]]
    assert [boxes.classes[number] for number in boxes.boxes["class_id"]] == ["person", "car"]
    with pytest.raises(DataError, match=r"street\.xml:5: 1 of 2 boxes have no identity"):
        read(tmp_path / "street.xml", "annotations", ReadingOptions(frame_rate=25.0, identities=True))


CVAT_WRONG = {
    "text for a number": (
        CVAT_VIDEO.replace('xtl="10.5"', 'xtl="ten"'),
        r"a\.xml:15: <box>: xtl is 'ten'; give a",
    ),
    "no corner": (CVAT_VIDEO.replace('xtl="10.5"', ""), r"a\.xml:15: <box>: xtl is None"),
    "no size": (
        CVAT_VIDEO.replace('xbr="50.5"', 'xbr="10.5"'),
        r"a\.xml:15: box is \[x y w h\] 10\.5 20 0 70",
    ),
    "twice": (
        CVAT_VIDEO.replace('frame="1"', 'frame="0"'),
        r"a\.xml:16: id 0 stands twice in frame 1 \(first in",
    ),
    "no frame": (CVAT_VIDEO.replace('frame="1" ', ""), r"a\.xml:16: <box>: frame is None"),
    "another document": ("<osm><annotations/></osm>", r"a\.xml:1: <osm> for <annotations>; expected"),
    "cut off": (CVAT_VIDEO[:900], r"a\.xml:\d+: not XML: "),
    "entities": (f"<!DOCTYPE a []>{CVAT_VIDEO[39:]}", r"a\.xml:1: declares a document type or entities; remove it"),
}


@pytest.mark.parametrize("case", CVAT_WRONG)
def test_what_is_wrong_with_cvat_is_named_with_its_line(case, tmp_path):
    text, message = CVAT_WRONG[case]
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(DataError, match=message), warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        list(iterate(tmp_path / "a.xml", "annotations", OPTIONS, "cvat"))
    assert not check(tmp_path / "a.xml", "cvat", OPTIONS).sound


def region(keys, label="person", **more):
    value = {"framesCount": 8, "duration": 0.4, "labels": [label], "sequence": keys}
    return {"id": "aB3", "type": "videorectangle", "from_name": "box", "to_name": "video", "value": value} | more


def key(frame, x, enabled=True):
    return {"frame": frame, "x": x, "y": 10, "width": 5, "height": 20, "enabled": enabled, "rotation": 0, "time": 0.1}


def tasks(*regions):
    """Label Studio's JSON export of one video."""
    other = {"id": "c", "type": "choices", "value": {"choices": ["day"]}}
    return [
        {
            "id": 3,
            "data": {"video": "/data/upload/1/9f-street.mp4?d=x"},
            "annotations": [{"id": 1, "result": [*regions, other]}, {"was_cancelled": True, "result": [region([])]}],
            "predictions": [],
        }
    ]


def studio(tmp_path, *regions):
    (tmp_path / "export.json").write_text(json.dumps(tasks(*regions)))
    return tmp_path / "export.json"


SIZED = ReadingOptions(size=(1000, 500))


def test_label_studio_says_that_boxes_are_rotated(tmp_path):
    path = studio(tmp_path, region([key(1, 10) | {"rotation": 30}, key(4, 20)]))
    with pytest.warns(DataWarning, match="1 rotated boxes are taken as upright"):
        (truth,) = read(path, "annotations", ReadingOptions(size=(100, 100)), "labelstudio")
    assert rows(truth, "frame", "x")[0] == [1, 10]


def test_label_studio_is_enabled_or_not(tmp_path):
    with pytest.raises(DataError, match=r"sequence\[0\]: enabled is 'no'; give true or false"):
        read(
            studio(tmp_path, region([key(1, 10, "no")])), "annotations", ReadingOptions(size=(100, 100)), "labelstudio"
        )


def test_label_studio_moves_boxes_between_key_frames(tmp_path):
    """The first ends at its key frame that is not enabled, the second lasts until the end of the video."""
    path = studio(
        tmp_path,
        region([key(1, 10), key(4, 16, enabled=False), key(6, 20, enabled=False)]),
        region([key(7, 30)], "car", id="b"),
    )
    assert find_format(path)[0].name == "labelstudio"
    (truth,) = read(path, "annotations", SIZED)
    assert (truth.name, truth.length, truth.frame_rate, truth.classes) == (
        "9f-street",
        8,
        20.0,
        {1: "car", 2: "person"},
    )
    assert rows(truth, "frame", "id", "x", "class_id") == [
        [1, 0, 100, 2],
        [2, 0, 120, 2],
        [3, 0, 140, 2],
        [4, 0, 160, 2],
        [6, 0, 200, 2],
        [7, 1, 300, 1],
        [8, 1, 300, 1],
    ]
    assert rows(truth, "y", "w", "h")[0] == [50, 50, 100]


STUDIO_WRONG = {
    "no size": ([region([key(1, 10)])], ReadingOptions(), "the image size is unknown; pass --size WIDTHxHEIGHT"),
    "a frame twice": ([region([key(1, 10), key(1, 11)])], SIZED, r"result\[0\]: frame 1 twice; keep one"),
    "no key frames": ([region([])], SIZED, r"tasks\[0\]\.annotations\[0\]\.result\[0\]: a sequence without key frames"),
    "text": ([region([key(1, "x")])], SIZED, r"sequence\[0\]: x is 'x'; give a number"),
    "a far frame": ([region([key(2_000_000_000, 1)])], SIZED, r"frame is 2000000000; at most 2000000"),
    "a long video": (
        [region([key(1, 1)]) | {"value": {"framesCount": 10**10}}],
        SIZED,
        "framesCount is 10000000000; at",
    ),
    "no value": ([region([]) | {"value": None}], SIZED, "no value"),
}


@pytest.mark.parametrize("case", STUDIO_WRONG)
def test_what_is_wrong_with_label_studio_is_named(case, tmp_path):
    regions, options, message = STUDIO_WRONG[case]
    with pytest.raises(DataError, match=message):
        list(iterate(studio(tmp_path, *regions), "annotations", options, "labelstudio"))


def test_few_key_frames_do_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("gnntrack.formats.label_studio.MOST_BOXES", 10)
    path = studio(tmp_path, region([key(1, 1)]), region([key(1, 1)], id="b"))
    with pytest.raises(DataError, match=r"result\[1\]: more than 10 boxes; export fewer videos"):
        list(iterate(path, "annotations", SIZED))


def test_a_track_that_pauses_ends_for_the_tools_too(tmp_path):
    """Without that, CVAT and Label Studio would draw it on."""
    pausing = make_sequence([(frame, 4, 10.0, 20.0, 30.0, 40.0) for frame in (1, 2, 5)], name="street", length=7)
    by_name("cvat").write(tmp_path, [pausing], "annotations")
    text = (tmp_path / "annotations" / "street.xml").read_text()
    assert [line.split('"')[1] for line in text.splitlines() if 'outside="1"' in line] == ["2", "5"]
    by_name("labelstudio").write(tmp_path, [pausing], "annotations")
    ((task,),) = [json.loads((tmp_path / "annotations" / "street.json").read_text())]
    keys = task["annotations"][0]["result"][0]["value"]["sequence"]
    assert [(each["frame"], each["enabled"]) for each in keys] == [(1, True), (2, False), (5, False)]
