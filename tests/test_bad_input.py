"""The table of bad input: each row with the line of text that a user reads. The numbers are the table's."""

import os
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from gnntrack import DataError, DataWarning, Sequence
from gnntrack.datasets.convert import convert
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import FILE_FORMATS
from gnntrack.reading import iterate
from gnntrack.reading import read as read_files
from gnntrack.recipes import Settings, load

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
GOOD = "1,1,5,5,10,20,1,1,1\n"


def read(tmp_path, text, content="annotations", **options):
    """Reads a file ``a.txt`` of this text."""
    path = tmp_path / "a.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = ReadingOptions(**{"size": (640, 480), "frame_rate": 25.0} | options)
    return read_files(path, content, options, "mot")[0]


def message(tmp_path, text, content="annotations", **options):
    """The line that reading this text ends with, without the folder."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, text, content, **options)
    return str(caught.value).replace(f"{tmp_path}{os.sep}", "")


BROKEN = {
    "1 NaN box": (GOOD + "2,1,nan,5,10,20,1,1,1", "a.txt:2: x is nan; give a finite number"),
    "2 infinite box": (GOOD + "2,1,5,5,inf,20,1,1,1", "a.txt:2: w is inf; give a finite number"),
    "2 1e30": (GOOD + "2,1,1e30,5,10,20,1,1,1", "a.txt:2: box is [x y w h] 1e+30 5 10 20; coordinates are pixels"),
    "3 width 0": (
        GOOD + "2,1,5,5,0,20,1,1,1",
        "a.txt:2: box is [x y w h] 5 5 0 20; width and height must be above 0; drop such rows with --on-error skip",
    ),
    "3 height -4": (
        GOOD + "\n2,1,5,5,10,-4,1,1,1",
        "a.txt:3: box is [x y w h] 5 5 10 -4; width and height must be above 0; drop such rows with --on-error skip",
    ),
    "4 the same twice": (
        GOOD + "2,7,5,5,10,20,1,1,1\n2,7,9,9,10,20,1,1,1",
        "a.txt:3: id 7 stands twice in frame 2 (first in line 2); keep one of the two boxes",
    ),
    "5 frame 0": (
        "0,1,5,5,10,20,1,1,1\n",
        "a.txt:1: frame is 0; frames count from 1; for files that count from 0 pass --frame-base 0",
    ),
    "7 frame 2,000,000,000": (
        GOOD + "2000000000,1,5,5,10,20,1,1,1",
        "a.txt:2: frame is 2000000000; no video is that long; check the column order",
    ),
    "8 frame 1.5": ("1.5,1,5,5,10,20,1,1,1", "a.txt:1: frame is 1.5; give a whole number"),
    "8 id 2.7": (GOOD + "2,2.7,5,5,10,20,1,1,1", "a.txt:2: id is 2.7; give a whole number"),
    "10 short row": (
        GOOD + "2,1,5,5,10\n",
        "a.txt:2: 5 columns; expected frame,id,x,y,w,h,conf",
    ),
    "11 text": (GOOD + "2,1,5,five,10,20,1,1,1", "a.txt:2: 'five' is not a number; give numbers"),
    "14 ragged": (
        GOOD + "2,1,5,5,10,20,1\n",
        "a.txt:2: 7 columns, 9 in line 1; give every row the same columns",
    ),
    "15 binary": (b"\x00\x01\x02\xff", "a.txt: not a text file; expected UTF-8 text"),
    "15 UTF-16": (GOOD.encode("utf-16"), "a.txt: not a text file; expected UTF-8 text"),
    "15 Latin-1": (GOOD.encode() + b"# caf\xe9", "a.txt:2: not UTF-8 text; save the file as UTF-8"),
    "id -2": (
        "1,-2,5,5,10,20,1,1,1",
        "a.txt:1: id is -2; identities are whole numbers from 0, or -1 for unknown",
    ),
    "visibility 3": ("1,1,5,5,10,20,1,1,3", "a.txt:1: visibility is 3; visibility lies between 0 and 1"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_line_says_where_what_and_what_to_do(case, tmp_path):
    text, expected = BROKEN[case]
    assert message(tmp_path, text) == expected


def test_3_rows_without_a_size_are_dropped_on_request_and_counted(tmp_path):
    sequence = read(tmp_path, GOOD + "2,1,5,5,0,20,1,1,1\n3,1,5,5,10,-1,1,1,1\n", on_error="skip")
    assert (len(sequence), sequence.skipped) == (1, 2)
    done = convert(
        tmp_path / "a.txt", tmp_path / "out", "mot", options=ReadingOptions("skip", size=(64, 48), frame_rate=9)
    )
    assert "2 rows without a size dropped" in done.summary()


def test_3_line_numbers_hold_after_rows_were_dropped(tmp_path):
    text = "1,1,5,5,0,20,1,1,1\n2,1,5,5,10,20,1,1,1\n3,1.5,5,5,10,20,1,1,1\n"
    assert message(tmp_path, text, on_error="skip") == "a.txt:3: id is 1.5; give a whole number"


def test_4_unknown_identities_may_repeat(tmp_path):
    assert len(read(tmp_path, "1,-1,5,5,10,20,0.5\n1,-1,6,5,10,20,0.5\n", "detections")) == 2


def test_5_frame_base_0_makes_it_right(tmp_path):
    assert read(tmp_path, "0,1,5,5,10,20,1,1,1\n", frame_base=0).frames.tolist() == [1]


def folder_with(tmp_path, text, length):
    (tmp_path / "seq" / "gt").mkdir(parents=True)
    (tmp_path / "seq" / "gt" / "gt.txt").write_text(text)
    info = f"[Sequence]\nname=seq\nframeRate=25\nseqLength={length}\nimWidth=640\nimHeight=480\n"
    (tmp_path / "seq" / "seqinfo.ini").write_text(info)
    return tmp_path / "seq"


def test_6_frames_beyond_the_length_are_summed_up_in_a_line(tmp_path):
    text = "".join(f"{frame},1,5,5,10,20,1,1,1\n" for frame in range(1, 5001))
    with pytest.raises(DataError) as caught:
        read_files(folder_with(tmp_path, text, 100), "annotations")
    assert str(caught.value).endswith(
        "gt.txt:101: 4900 boxes lie in frames 101 to 5000, the length is 100; correct seqLength or the frame numbers"
    )


@pytest.mark.parametrize("length", ["9" * 400, "many", "1e3", "9999999999"])
def test_seqinfo_with_an_impossible_number(length, tmp_path):
    folder = folder_with(tmp_path, GOOD, length)
    with pytest.raises(DataError, match=r"seqinfo\.ini: unreadable: .*; expected \[Sequence\] with seqLength"):
        read_files(folder, "annotations")


def test_7_a_far_frame_costs_neither_time_nor_memory(tmp_path):
    start = time.process_time()
    sequence = read(tmp_path, GOOD + "999999999,1,5,5,10,20,1,1,1")
    assert [frame for frame, _ in sequence.by_frame()] == [1, 999999999]
    assert time.process_time() - start < 5  # looping over a thousand million frames takes minutes


def test_9_large_identities_are_only_names(tmp_path):
    assert read(tmp_path, "1,1000000000000,5,5,10,20,1,1,1").boxes["id"].tolist() == [10**12]


SAME = "1,1,5,5,10,20,1\n2,1,6,5,10,20,1\n"
ACCEPTED = {
    "12 header": "frame,id,x,y,w,h,conf\n" + SAME,
    "13 byte-order mark": "\ufeff" + SAME,
    "13 CRLF": SAME.replace("\n", "\r\n"),
    "13 blank lines": "\n\n" + SAME.replace("\n", "\n\n"),
    "13 trailing commas": SAME.replace("\n", ",\n"),
    "13 spaces": SAME.replace(",", " "),
    "13 tabs": SAME.replace(",", "\t"),
    "13 semicolons": SAME.replace(",", ";"),
    "13 comma and space": SAME.replace(",", ", "),
    "13 no last line end": SAME.rstrip(),
    "13 old Mac": SAME.replace("\n", "\r"),
    "23 rows out of order": "\n".join(reversed(SAME.splitlines())),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_forms_give_the_same_sequence(case, tmp_path):
    expected = read(tmp_path, SAME)
    pd.testing.assert_frame_equal(read(tmp_path, ACCEPTED[case]).boxes, expected.boxes)


def test_18_a_folder_without_sequences_says_what_it_found(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match=r"no sequence folders; found images; expected NAME/gt/gt\.txt"):
        read_files(tmp_path, "annotations", format="mot")


def test_18_one_folder_too_high_names_the_right_one(tmp_path):
    folder_with(tmp_path / "train", GOOD, 3)
    with pytest.raises(DataError, match=r"no sequence folders; found train; name one of its folders, such as .*train"):
        read_files(tmp_path, "annotations", format="mot")


def test_20_without_seqinfo_size_and_length_are_inferred_with_a_warning(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("1,1,5,5,10,20,1,1,1\n7,1,5,5.5,10,20,1,1,1\n")
    with pytest.warns(DataWarning, match="no seqinfo.ini; size and length are inferred, 30 frames/s assumed"):
        sequence = read_files(path, "annotations")[0]
    assert (sequence.width, sequence.height, sequence.length, sequence.frame_rate) == (15, 26, 7, 30.0)


def test_21_class_minus_one_throughout_is_one_class(tmp_path):
    with pytest.warns(DataWarning, match="class -1 throughout: all boxes count as one class"):
        assert read(tmp_path, "1,1,5,5,10,20,1,-1,-1").boxes["class_id"].tolist() == [1]


def test_22_missing_frames_shift_nothing(tmp_path):
    sequence = read(tmp_path, "1,1,5,5,10,20,1,1,1\n9,1,5,5,10,20,1,1,1")
    assert sequence.frames.tolist() == [1, 9]


@pytest.mark.parametrize(("text", "length"), [("", 0), ("\n\n", 0), ("3,1,5,5,10,20,1,1,1\n", 3)])
def test_24_few_boxes_or_none_are_a_valid_sequence(text, length, tmp_path):
    assert read(tmp_path, text).length == length


@pytest.mark.parametrize("value", ["nan", "1.7", "-0.3"])
def test_25_confidences_outside_the_range(value, tmp_path):
    expected = {
        "nan": "a.txt:1: conf is nan; give a finite number",
        "1.7": "a.txt:1: conf is 1.7; confidence lies between 0 and 1; if these are percent, pass --confidence percent",
        "-0.3": "a.txt:1: conf is -0.3; confidence lies between 0 and 1; "
        "rescale raw scores with --confidence rescale, which changes results",
    }[value]
    assert message(tmp_path, f"1,-1,5,5,10,20,{value}\n1,-1,5,5,10,20,0.5", "detections") == expected


def test_25_confidences_are_rescaled_on_request(tmp_path):
    text = "1,-1,5,5,10,20,-2\n1,-1,6,5,10,20,3\n1,-1,7,5,10,20,8"
    assert read(tmp_path, text, "detections", confidence="rescale").boxes["conf"].tolist() == [0, 0.5, 1]


TABLE = pd.DataFrame({"frame": [1, 2], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"w": [4.0, np.nan]}, "a: row 1: w is nan; give a finite number"),
        ({"id": [1, 1], "frame": [2, 2]}, "a: row 1: id 1 stands twice in frame 2; keep one of the two boxes"),
        ({"x": ["left", "right"]}, "a: column x holds text; give numbers"),
        ({"id": [1e300, 1]}, "a: row 0: id is 1e+300; give a whole number below 2^53"),
    ],
)
def test_tables_are_checked_like_files(change, expected):
    with pytest.raises(DataError) as caught:
        Sequence("a", TABLE.assign(**change), 64, 48)
    assert str(caught.value) == expected


def test_26_a_table_without_a_column_and_embeddings_of_the_wrong_shape():
    with pytest.raises(DataError, match="a: the table has no column w, h; columns: frame, id, x, y, w, h, conf"):
        Sequence("a", TABLE.drop(columns=["w", "h"]), 64, 48)
    with pytest.raises(DataError, match=r"a: embeddings of shape \(3, 2\) for 2 boxes; give one row a box"):
        Sequence("a", TABLE, 64, 48, embeddings=np.zeros((3, 2)))


def test_27_the_callers_table_is_unchanged():
    before = TABLE.iloc[::-1].reset_index(drop=True)
    kept = before.copy()
    sequence = Sequence("a", before, 64, 48)
    sequence.boxes.loc[0, "x"] = 99.0
    pd.testing.assert_frame_equal(before, kept)


BOMB = "!!python/object/apply:os.system ['touch {canary}']\n"


def test_31_a_yaml_tag_is_refused_and_does_nothing(tmp_path):
    canary = tmp_path / "canary"
    (tmp_path / "bomb.yaml").write_text("description: " + BOMB.format(canary=canary))
    with pytest.raises(DataError, match="recipes are plain YAML"):
        load("datasets", str(tmp_path / "bomb.yaml"), Settings)
    assert not canary.exists()


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a/../../b", ".."])
@pytest.mark.parametrize("format_", ["coco", "bdd100k"])
def test_36_names_that_lead_elsewhere_are_refused(name, format_, tmp_path):
    video = f'"videos": [{{"id": 1, "name": "{name}"}}], "images": [], "annotations": []'
    frames = f'[{{"videoName": "{name}", "frameIndex": 0, "labels": []}}]'
    (tmp_path / "a.json").write_text("{" + video + "}" if format_ == "coco" else frames)
    with pytest.raises(DataError, match=f"sequence name '{name}' cannot be a file name"):
        list(iterate(tmp_path / "a.json", "annotations", OPTIONS, format_))


def test_36_a_link_out_of_the_folder_is_refused_for_reading_and_writing(tmp_path):
    outside = folder_with(tmp_path / "outside", GOOD, 3)
    root = tmp_path / "root"
    root.mkdir()
    (root / "seq").symlink_to(outside)
    with pytest.raises(DataError, match="leads out of its folder; use plain folders, or links that stay below it"):
        read_files(root, "annotations", format="mot")
    sequence = Sequence("seq", TABLE, 64, 48)
    for name in ("mot", "yolo"):
        with pytest.raises(DataError, match="leads out of its folder"):
            FILE_FORMATS[name].write(root, [sequence], "annotations")


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a\\b", "", "..", "a\nb"])
def test_36_such_a_sequence_cannot_be_made(name):
    with pytest.raises(DataError, match="cannot be a file name"):
        Sequence(name, TABLE, 64, 48)


def test_38_an_output_that_exists_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text(GOOD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    for overwrite in (False, True):
        with pytest.raises(
            DataError, match=r"out: holds mine\.txt, which no earlier run wrote; move it away or choose"
        ):
            convert(tmp_path / "a.txt", tmp_path / "out", "mot", options=OPTIONS, overwrite=overwrite)
    assert (tmp_path / "out" / "mine.txt").read_text() == "kept"


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_39_a_full_disk_is_one_line_and_leaves_nothing(name, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "a.txt").write_text("1,1,5,5,10,20,1,1,1\n")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="cannot write: No space left on device; choose another output"):
        convert(tmp_path / "a.txt", tmp_path / "out", name, options=OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_missing_file_or_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match=r"b.txt: no such file or folder; check the path"):
        read_files(tmp_path / "b.txt", "annotations", OPTIONS)
    with pytest.raises(DataError, match="cannot tell the format; pass --from with one of coco, labelstudio, "):
        read_files(tmp_path, "annotations", OPTIONS)
    with pytest.raises(DataError, match="no such file or folder; check the path"), warnings.catch_warnings():
        convert(tmp_path / "c", tmp_path / "out", "mot")


def test_more_boxes_in_a_frame_than_can_be_compared(tmp_path):
    rows = "".join(f"7,{number},{number},5,10,20,1,1,1\n" for number in range(2001))
    assert message(tmp_path, rows) == (
        "a.txt:1: frame 7 holds 2001 boxes; at most 2000 are read; check the column order, or suppress overlapping "
        "detections first"
    )
    assert len(read(tmp_path, rows.replace("7,2000,", "8,2000,"))) == 2001


def test_a_million_separators_after_a_row(tmp_path):
    assert message(tmp_path, "1,1,5,5,10,20,1" + "," * 1_000_000) == (
        "a.txt:1: 7 columns, 1000015 characters; expected frame,id,x,y,w,h,conf"
    )


def test_a_row_of_half_a_million_columns(tmp_path):
    assert message(tmp_path, "1," * 500_000) == (
        "a.txt:1: 500000 columns, 1000000 characters; expected frame,id,x,y,w,h,conf"
    )
