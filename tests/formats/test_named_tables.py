"""CSV and Parquet by the names of their columns."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from gnntrack.datasets.check import check
from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.loaders import parquet
from gnntrack.reading import iterate, read

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
#: One box, left 10, top 20, 30 wide, 40 high, in frame 3.
HEADERS = {
    "corners": "frame,track_id,x1,y1,x2,y2,score\n3,5,10,20,40,60,0.5\n",
    "supervision's sink": "x_min,y_min,x_max,y_max,class_id,confidence,tracker_id,frame\n10,20,40,60,1,0.5,5,3\n",
    "in another order": "h,w,y,x,conf,frame,id\n40,30,20,10,0.5,3,5\n",
    "MOT's names": "frame,id,bb_left,bb_top,bb_width,bb_height,conf,x,y,z\n3,5,10,20,30,40,0.5,-1,-1,-1\n",
    "centres": "frame;id;cx;cy;w;h;confidence\n3;5;25;40;30;40;0.5\n",
    "tabs": "Frame ID\tObject ID\tLeft\tTop\tRight\tBottom\tScore\n3\t5\t10\t20\t40\t60\t0.5\n",
    "spaces": "frame id x y w h conf\n3 5 10 20 30 40 0.5\n",
    "quotes, BOM, CRLF, blank lines": '\ufeff"frame","id","x","y","w","h","conf"\r\n\r\n3,5,"10",20,30,40,0.5\r\n',
    "trailing commas": "frame,id,x,y,w,h,conf,\n3,5,10,20,30,40,0.5,\n",
    "trailing commas of rows": "frame,id,x,y,w,h,conf\n3,5,10,20,30,40,0.5,\n",
    "columns that nobody knows": "frame,id,x,y,w,h,conf,note\n3,5,10,20,30,40,0.5,seen twice\n",
}


@pytest.mark.parametrize("case", HEADERS)
def test_columns_go_by_name(case, tmp_path):
    path = tmp_path / "street.csv"
    path.write_text(HEADERS[case])
    assert find_format(path)[0].name == "csv"
    (boxes,) = read(path, "tracks", OPTIONS)
    assert boxes.name == "street"
    assert boxes.boxes[["frame", "id", "x", "y", "w", "h", "conf"]].to_numpy().tolist() == [[3, 5, 10, 20, 30, 40, 0.5]]


@pytest.mark.parametrize("suffix", [".txt", ".tsv", ".csv.gz"])
def test_other_suffixes(suffix, tmp_path):
    path = tmp_path / f"street{suffix}"
    path.write_text(HEADERS["corners"])
    if suffix.endswith(".gz"):
        pd.read_csv(tmp_path / f"street{suffix}", compression=None).to_csv(path, index=False, compression="gzip")
    (boxes,) = read(path, "tracks", OPTIONS)
    assert (boxes.name, boxes.boxes["w"].tolist()) == ("street", [30.0])


def test_a_sequence_folder_is_never_read_by_the_wrong_columns(tmp_path):
    """MOTChallenge's files go by position: a header that says otherwise is refused."""
    (tmp_path / "S" / "det").mkdir(parents=True)
    (tmp_path / "S" / "det" / "det.txt").write_text(HEADERS["corners"])
    message = r"det\.txt:1: the header has other columns than MOTChallenge: frame, track_id, x1, y1.*--from csv"
    with pytest.raises(DataError, match=message):
        read(tmp_path / "S", "detections", OPTIONS)
    (tmp_path / "S" / "det" / "det.txt").write_text(HEADERS["MOT's names"])
    assert len(read(tmp_path / "S", "detections", OPTIONS)[0]) == 1


def test_classes_by_name_number_or_both(tmp_path):
    path = tmp_path / "a.csv"
    rows = "frame,x,y,w,h,{}\n1,1,1,5,5,{}\n2,1,1,5,5,{}\n"
    for header, first, second, expected in [
        ("class", "person", "car", ([2, 1], {1: "car", 2: "person"})),
        ("class", "3", "0", ([3, 0], {})),
        ("class,name", "3,bus", "0,car", ([3, 0], {0: "car", 3: "bus"})),
        ("class_name", "bus", "bus", ([1, 1], {1: "bus"})),
    ]:
        path.write_text(rows.format(header, first, second))
        (boxes,) = read(path, "detections", OPTIONS)
        assert (boxes.boxes["class_id"].tolist(), boxes.classes) == expected


def test_videos_of_a_column_are_sequences(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("video,frame,id,x,y,w,h\nb,1,1,1,1,5,5\na,1,1,1,1,5,5\nb,2,1,1,1,x,5\n")
    with pytest.raises(DataError, match=r"all\.csv:4: w is 'x', not a number; give numbers"):
        list(iterate(path, "annotations", OPTIONS))
    path.write_text(path.read_text().replace("x,5", "-3,5"))
    wanted = ReadingOptions(size=(640, 480), frame_rate=25.0, sequences=("a",))
    assert [len(boxes) for boxes in iterate(path, "annotations", wanted)] == [1]
    with pytest.raises(DataError, match=r"all\.csv:4: box is \[x y w h\] 1 1 -3 5"):
        list(iterate(path, "annotations", OPTIONS))


def test_a_box_without_a_track_has_no_identity(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("frame,x,y,w,h,tracker_id\n1,1,1,5,5,\n1,9,1,5,5,4\n")
    (boxes,) = read(path, "annotations", OPTIONS)
    assert boxes.boxes["id"].tolist() == [-1, 4]


WRONG = {
    "a short row": ("frame,x,y,w,h\n1,1,1,5,5\n\n1,1,1,5\n", r"a\.csv:4: 4 columns, 5 in the header"),
    "a long row": ("frame,x,y,w,h\n1,1,1,5,5\n1,1,1,5,5,6\n", r"a\.csv:3: 6 columns, 5 in the header"),
    "long rows throughout": ("frame,x,y,w,h\n1,1,1,5,5,6\n1,1,1,5,5,6\n", r"a\.csv:2: 6 columns, 5 in the header"),
    "an open quote": (
        'frame,x,y,w,h\n1,1,"1,5,5\n1,1,1,5,5\n',
        r"a\.csv:2: a cell goes on in the next line; check the quotes",
    ),
    "an empty cell": ("frame,x,y,w,h\n1,1,,5,5\n", r"a\.csv:2: y is '', not a number"),
    "nan": ("frame,x,y,w,h\n1,1,nan,5,5\n", r"a\.csv:2: y is nan; give a finite number"),
    "corners turned": ("frame,x1,y1,x2,y2\n1,9,9,5,10\n", r"a\.csv:2: box is \[x y w h\] 9 9 -4 1"),
    "frame 0": ("frame,x,y,w,h\n0,1,1,5,5\n", r"a\.csv:2: frame is 0; .*--frame-base 0"),
    "half a frame": ("frame,x,y,w,h\n1.5,1,1,5,5\n", r"a\.csv:2: frame is 1\.5; give a whole number"),
    "an underscore": ("frame,x,y,w,h\n1_0,1,1,5,5\n", r"a\.csv:2: frame is '1_0', not a number"),
    "no frame": ("x1,y1,x2,y2\n1,1,5,5\n", r"a\.csv: no frame among the columns x1, y1, x2, y2; name one frame"),
    "no box": ("frame,id,kind\n1,1,1\n", r"a\.csv: no box among the columns frame, id, kind; name the box x1, y1"),
    "a name twice": ("frame,x,y,w,h,Frame\n1,1,1,5,5,1\n", r"a\.csv: two columns are named 'Frame'"),
    "no header": ("1,1,1,5,5,5\n", r"a\.csv:1: no header; begin the file with the columns' names"),
    "a video of no name": ("frame,x,y,w,h,video\n1,1,1,5,5,../up\n", "sequence name '../up' cannot be a file name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_line(case, tmp_path):
    text, message = WRONG[case]
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        list(iterate(tmp_path / "a.csv", "annotations", OPTIONS, "csv"))
    assert not check(tmp_path / "a.csv", "csv", OPTIONS).sound


def test_parquet_of_pandas(tmp_path):
    table = pd.DataFrame(
        {"frame_id": [1, 2], "x1": [1.0, 2], "y1": 3.0, "x2": 9.0, "y2": [9.0, 8], "label": ["car", "bus"]}
    )
    table.assign(when=pd.Timestamp("2026-01-01"), note=None).to_parquet(tmp_path / "street.parquet")
    (boxes,) = read(tmp_path / "street.parquet", "detections", OPTIONS)
    assert boxes.xywh.tolist() == [[1, 3, 8, 6], [2, 3, 7, 5]]
    assert [boxes.classes[number] for number in boxes.boxes["class_id"]] == ["car", "bus"]


def test_parquet_that_is_none(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(40))
    with pytest.raises(DataError, match=r"a\.parquet: not a Parquet file: .*; check the file"):
        list(iterate(path, "detections", OPTIONS, "parquet"))
    pd.DataFrame({"frame": np.arange(1, 9), "x": 1.0, "y": 1.0, "w": 1.0, "h": [1.0] * 7 + [np.nan]}).to_parquet(path)
    with pytest.raises(DataError, match=r"a\.parquet: row 7: h is nan; give a finite number"):
        list(iterate(path, "detections", OPTIONS))
    monkeypatch.setattr(parquet, "MOST_ROWS", 7)
    with pytest.raises(DataError, match=r"a\.parquet: 5 columns, 8 rows, \d+ bytes unpacked; give the columns"):
        list(iterate(path, "detections", OPTIONS))


def test_without_pyarrow_it_is_asked_for(tmp_path, monkeypatch):
    pd.DataFrame({"frame": [1], "x": 1.0, "y": 1.0, "w": 1.0, "h": 1.0}).to_parquet(tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match="a Parquet file needs pyarrow, which is not installed; pip install pyarrow"):
        read(tmp_path / "a.parquet", "detections", OPTIONS)


MISREAD = {
    "a corner that is missing": ("frame,x1,y1,q,y2,score,class", "no box among the columns frame, x1, y1, q"),
    "no frame": ("time,id,x1,y1,x2,y2,conf", "no frame among the columns time, id"),
    "the confidence first": ("frame,conf,x,y,width,tall,id", "no box among the columns frame, conf, x"),
}


@pytest.mark.parametrize("case", MISREAD)
def test_a_header_that_is_not_understood_is_never_read_by_position(case, tmp_path):
    header, problem = MISREAD[case]
    text = f"{header}\n1,11,20,40,80,0.9,1\n2,11,20,40,80,0.9,1\n"
    (tmp_path / "street.csv").write_text(text)
    with pytest.raises(DataError, match=rf"street\.csv: {problem}"):
        read(tmp_path / "street.csv", "tracks", OPTIONS)
    (tmp_path / "street.txt").write_text(text)
    with pytest.raises(DataError, match=r"other columns than MOTChallenge|cannot tell the format"):
        read(tmp_path / "street.txt", "tracks", OPTIONS)


def test_a_quote_that_swallows_lines_loses_no_box(tmp_path):
    """Rows between two stray quotes would be one cell."""
    path = tmp_path / "street.csv"
    for rows in ('1,1,1,5,5,"b\n2,1,1,5,5,c\n', '1,1,1,5,5,"b\n2,1,1,5,5,"c\n', '1,1,1,5,5,"b\n2,1,1,5,5,c"\n'):
        path.write_text(f"frame,x1,y1,x2,y2,class\n{rows}")
        with pytest.raises(DataError, match=r"street\.csv:2: a cell goes on in the next line; check the quotes"):
            read(path, "detections", OPTIONS)


def test_parquet_with_other_columns_is_told_which(tmp_path):
    parquet.write_parquet({"frame": np.arange(2), "left": np.ones(2)}, tmp_path / "street.parquet")
    with pytest.raises(DataError, match=r"street\.parquet: no box among the columns frame, left; name the box"):
        read(tmp_path / "street.parquet", "detections", OPTIONS)


def test_a_torn_gzip_file_is_called_so(tmp_path):
    path = tmp_path / "street.csv.gz"
    path.write_bytes(b"\x1f\x8btorn")
    with pytest.raises(DataError, match=r"street\.csv\.gz: not a whole gzip file"):
        read(path, "detections", OPTIONS)


def test_a_table_with_confidences_and_no_ids_is_detections(tmp_path):
    """As a file of MOTChallenge's form is: read as annotations, its confidences would be lost."""
    path = tmp_path / "street.csv"
    path.write_text("frame,x1,y1,x2,y2,score\n1,1,1,5,5,0.25\n")
    assert list(check(path, options=OPTIONS).sequences) == ["detections"]
    path.write_text("frame,x1,y1,x2,y2,id\n1,1,1,5,5,3\n")
    assert "annotations" in check(path, options=OPTIONS).sequences
