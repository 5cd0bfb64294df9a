"""``seqinfo.ini`` and ``labels.txt``: small files that would take the machine are refused at once."""

import pytest

from gnntrack import DataError
from gnntrack.formats.seqinfo import read_info, read_labels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Sequence]\nse" + " " * 100_000 + "qLength=30\n", "larger than 65536 bytes"),
        ("[Sequence]\nse" + " " * 60_000 + "qLength=30\n", "key 'se .* has 60009 characters"),
        ("".join(f"[{number}]\n" for number in range(200_000)), "larger than 65536 bytes"),
        ("[Sequence]\n" * 2, "section 'Sequence' stands twice"),
        ("[Sequence]\nimWidth=1_000\n", "unreadable: imWidth is '1_000'; expected"),
        ("[Sequence]\nimWidth=-5\n", "unreadable: imWidth is '-5'"),
        ("[Sequence]\nframeRate=nan\n", "unreadable: frameRate is 'nan'"),
        ("[Sequence]\nframeRate=1e999\n", "unreadable: frameRate is '1e999'"),
        ("[Sequence]\nseqLength=\n", "unreadable: seqLength is ''"),
        ("[Other]\n", r"unreadable: no section \[Sequence\]"),
        ("seqLength=30\n", r"before any \[section\]"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path, text, message):
    (tmp_path / "seqinfo.ini").write_text(text)
    with pytest.raises(DataError, match=message):
        read_info(tmp_path)


def test_the_usual_file_is_read(tmp_path):
    (tmp_path / "seqinfo.ini").write_text("[Sequence]\nname=x\nimDir=img1\nframeRate=29.97\nseqLength=30\nimWidth=64\n")
    info = read_info(tmp_path)
    assert (info.frame_rate, info.length, info.width, info.height) == (29.97, 30, 64, 0)


def test_class_names_are_short_and_printable(tmp_path):
    for text in ("a\x1b[2J\n", "a" * 300):
        (tmp_path / "labels.txt").write_text("car\n" + text)
        with pytest.raises(DataError, match=r"labels\.txt:2: class name 'a"):
            read_labels(tmp_path / "labels.txt")
