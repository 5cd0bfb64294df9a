"""``camera.txt``: what it says of a video, and what is refused."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pytest

from gnntrack import DataError, DataWarning
from gnntrack.datasets.convert import convert
from gnntrack.formats.options import ReadingOptions
from gnntrack.reading import read
from tests.conftest import make_sequence

GOOD = "0\t1.0\t0.0\t0.0\t0.0\t1.0\t0.0\t\n1\t1.01\t-0.02\t-4.4\t0.02\t1.01\t-5.2\t\n2\t1\t0\t3\t0\t1\t0\t\n"
EXPECTED = np.array([[[1, 0, 0], [0, 1, 0]], [[1.01, -0.02, -4.4], [0.02, 1.01, -5.2]], [[1, 0, 3], [0, 1, 0]]])


def folder_with(root, text, length=3, place="det/camera.txt"):
    """A video of three frames with detections, annotations and this camera."""
    for kind, identity in (("det", -1), ("gt", 1)):
        (root / "street" / kind).mkdir(parents=True)
        rows = "".join(f"{frame},{identity},5,5,10,20,0.9\n" for frame in (1, 2, 3))
        (root / "street" / kind / f"{kind}.txt").write_text(rows)
    info = f"[Sequence]\nname=street\nframeRate=25\nseqLength={length}\nimWidth=640\nimHeight=480\n"
    (root / "street" / "seqinfo.ini").write_text(info)
    (root / "street" / place).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


@pytest.mark.parametrize("content", ["detections", "annotations"])
def test_it_is_read_with_boxes_of_both_kinds(tmp_path, content):
    (sequence,) = read(folder_with(tmp_path, GOOD), content)
    np.testing.assert_allclose(sequence.camera, EXPECTED)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\t\n", "\n").replace("\t", ","),
        GOOD.replace("\t", " ").replace("\n", "\r\n"),
        "\n".join(reversed(GOOD.strip("\n").split("\n"))),
        "\ufeff" + GOOD + "\n\n",
        "frame,a,b,x,c,d,y\n" + GOOD.replace("\t\n", "\n").replace("\t", ","),
    ],
    ids=["commas", "spaces, CRLF", "out of order", "BOM, blank lines", "header"],
)
def test_other_spellings(tmp_path, text):
    (sequence,) = read(folder_with(tmp_path, text), "detections")
    np.testing.assert_allclose(sequence.camera, EXPECTED)


def test_packed_and_beside_the_file_that_is_named(tmp_path):
    root = folder_with(tmp_path, gzip.compress(GOOD.encode()), place="det/camera.txt.gz")
    for path in (root, root / "street", root / "street" / "det" / "det.txt", root / "street" / "gt" / "gt.txt"):
        assert all(
            sequence.camera is not None for sequence in read(path, "annotations" if "gt" in path.name else "detections")
        )


def test_that_beside_the_boxes_comes_first(tmp_path):
    root = folder_with(tmp_path, GOOD)
    (root / "street" / "gt" / "camera.txt").write_text(GOOD.replace("3", "9"))
    assert read(root, "annotations")[0].camera[2, 0, 2] == 9 and read(root, "detections")[0].camera[2, 0, 2] == 3


def test_it_is_no_video_of_the_folder_det(tmp_path):
    root = folder_with(tmp_path, GOOD)
    found = read(root / "street" / "det", "detections", ReadingOptions(size=(640, 480), frame_rate=25))
    assert [len(sequence) for sequence in found] == [3]


def test_a_video_may_be_called_camera(tmp_path):
    (tmp_path / "camera.txt").write_text("1,-1,5,5,10,20,0.9\n")
    (sequence,) = read(tmp_path, "detections", ReadingOptions(size=(640, 480), frame_rate=25))
    assert sequence.name == "camera" and sequence.camera is None


def test_frames_count_from_0_whatever_boxes_count_from(tmp_path):
    root = folder_with(tmp_path, GOOD)
    (root / "street" / "det" / "det.txt").write_text("0,-1,5,5,10,20,0.9\n2,-1,5,5,10,20,0.9\n")
    (sequence,) = read(root, "detections", ReadingOptions(frame_base=0))
    np.testing.assert_allclose(sequence.camera, EXPECTED)


ROW = "1 0 0 0 1 0\n"
BROKEN = {
    "NaN": (f"0 {ROW}1 nan 0 0 0 1 0\n", "2: the matrix nan 0 0 0 1 0 is not finite; give a 2×3 matrix of pixels"),
    "infinite": (f"0 {ROW}1 1 0 inf 0 1 0\n", "2: the matrix 1 0 inf 0 1 0 is not finite; give a 2×3 matrix of pixels"),
    "singular": (f"0 {ROW}1 1 1 0 1 1 0\n", "2: the matrix 1 1 0 1 1 0 cannot be undone; give a 2×3 matrix of pixels"),
    "mirrored": (f"0 {ROW}1 -1 0 0 0 1 0\n", "2: the matrix -1 0 0 0 1 0 mirrors the image; give a 2×3 matrix"),
    "implausible": (f"0 {ROW}1 9 0 0 0 9 0\n", "2: the matrix 9 0 0 0 9 0 zooms more than 4 times; give a 2×3 matrix"),
    "far away": (f"0 {ROW}1 1 0 1e9 0 1 0\n", "2: the matrix 1 0 1e+09 0 1 0 shifts beyond all images; give a 2×3"),
    "short row": ("0 1 0 0 0 1\n", "1: 6 columns; expected frame (from 0) and a 2×3 matrix row by row"),
    "a 3×3 matrix": ("0 1 0 0 0 1 0 0 0 1\n", "1: 10 columns; expected frame (from 0) and a 2×3 matrix row by row: 7"),
    "text": (f"0 {ROW}1 one 0 0 0 1 0\n", "2: 'one' is not a number; give numbers"),
    "frame 1.5": (f"0 {ROW}1.5 {ROW}", "2: frame 1.5; give whole frame numbers, counted from 0"),
    "frame -1": (f"-1 {ROW}0 {ROW}", "1: frame -1; give whole frame numbers, counted from 0"),
    "frame 2,000,000,000": (f"2000000000 {ROW}", "1: frame 2e+09; give whole frame numbers, counted from 0"),
    "twice": (f"0 {ROW}1 {ROW}0 {ROW}", "3: frame 0 stands twice (line 1); give every frame one row"),
    "from 1": (
        f"1 {ROW}2 {ROW}3 {ROW}",
        "1: begins at frame 1; give every frame a row, counted from 0; 1 0 0 0 1 0 where",
    ),
    "a gap": (f"0 {ROW}2 {ROW}", "2: frame 2 comes after 0; give every frame a row, counted from 0; 1 0 0 0 1 0 where"),
    "too short": (f"0 {ROW}1 {ROW}", " the camera's motion in 2 frames, but the video has 3; give every frame a row"),
    "empty": ("", " the camera's motion in 0 frames, but the video has 3; give every frame a row"),
    "UTF-16": ("0 1".encode("utf-16"), ""),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_line_says_where_what_and_what_to_do(tmp_path, case):
    text, expected = BROKEN[case]
    with pytest.raises(DataError) as caught:
        read(folder_with(tmp_path, text), "detections")
    line = str(caught.value)
    assert line.startswith(f"{tmp_path / 'street' / 'det' / 'camera.txt'}:{expected}".replace("/", os.sep)), line
    assert "\n" not in line


def test_more_frames_than_the_video_has(tmp_path):
    root = folder_with(tmp_path, GOOD + "3 1 0 0 0 1 0\n")
    with pytest.warns(DataWarning, match=r"camera\.txt: 4 frames, but the video has 3; the others are not used$"):
        (sequence,) = read(root, "detections")
    assert sequence.camera.shape == (3, 2, 3)


def test_a_sequence_wants_a_matrix_a_frame():
    rows = [(1, -1, 5, 5, 10, 20), (3, -1, 5, 5, 10, 20)]
    assert make_sequence(rows, camera=EXPECTED).camera.shape == (3, 2, 3)
    with pytest.raises(
        DataError, match=r"toy: camera motion of shape \(2, 2, 3\) for 3 frames; give a 2×3 matrix a frame"
    ):
        make_sequence(rows, camera=EXPECTED[:2])
    with pytest.raises(DataError, match=r"toy: camera motion, frame 2: the matrix 0 0 0 0 0 0 cannot be undone"):
        make_sequence(rows, camera=EXPECTED * np.array([1, 0, 1])[:, None, None])


def test_parts_of_a_sequence_keep_theirs():
    rows = [(1, -1, 5, 5, 10, 20), (3, -1, 5, 5, 10, 20)]
    sequence = make_sequence(rows, camera=EXPECTED)
    later = sequence.since(2)
    assert later.frames.tolist() == [2] and later.length == 2
    np.testing.assert_array_equal(later.camera, EXPECTED[1:])
    np.testing.assert_array_equal(sequence.take(np.array([True, False])).camera, EXPECTED)


def test_it_is_written_again(tmp_path):
    root = folder_with(tmp_path / "in", GOOD)
    convert(root, tmp_path / "out", "mot")
    for content in ("annotations", "detections"):
        np.testing.assert_allclose(read(tmp_path / "out", content)[0].camera, EXPECTED, rtol=1e-8)
