"""The ini loader: linear, with limits of size and lines."""

import pytest

from gnntrack import DataError
from gnntrack.loaders.ini import LARGEST, MOST_LINES, read_ini


def read(tmp_path, text):
    (tmp_path / "a.ini").write_text(text)
    return read_ini(tmp_path / "a.ini")


def test_sections_keys_and_comments(tmp_path):
    text = "\ufeff; of a video\n[Sequence]\nname = a b\nseqLength:30\r\n# more\n\n  imExt=.jpg\n[Other]\nx=\n"
    assert read(tmp_path, text) == {
        "Sequence": {"name": "a b", "seqlength": "30", "imext": ".jpg"},
        "Other": {"x": ""},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=1\n", r"a\.ini:1: 'a=1' stands before any \[section\]"),
        ("[S]\nabc\n", r"a\.ini:2: 'abc' is neither \[section\] nor key=value"),
        ("[S]\na=1\nA=2\n", r"a\.ini:3: key 'a' stands twice"),
        ("[S]\n[S]\n", r"a\.ini:2: section 'S' stands twice"),
        ("[S]\n[T\n", "is neither"),
        ("[S]\n=3\n", "is neither"),
        ("[S]\nse" + " " * (LARGEST - 100) + "qLength=30 x\n", "key 'se"),
        ("[S]\nse" + " " * LARGEST + "qLength=30\n", f"larger than {LARGEST} bytes"),
        ("".join(f"[{n}]\n" for n in range(MOST_LINES + 1)), f"more than {MOST_LINES} lines"),
    ],
)
def test_anything_else_is_one_line(text, message, tmp_path):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text)
    assert len(str(caught.value)) < 300 + len(str(tmp_path))
