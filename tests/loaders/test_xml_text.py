"""XML: elements with lines; nothing that grows, names other files or nests without end."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataError
from gnntrack.loaders import xml_text
from gnntrack.loaders.xml_text import parse_xml, read_xml

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
REFUSED = {
    "billion laughs": (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>\n<a>&l9;</a>', "a.xml:1: declares a document type"),
    "an external entity": (
        '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        ":2:",
    ),
    "a document type elsewhere": ('<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>', "declares a document type"),
    "an unknown entity": ("<a>\n&x;</a>", "a.xml:2: not XML: undefined entity; check the file"),
    "two tops": ("<a/><b/>", "a.xml:1: not XML: junk after document element"),
    "an open element": ("<a>\n<b>", "not XML: no element found"),
    "nothing": ("", "not XML: no element found"),
    "text": ("frame,id", "not XML: syntax error"),
    "deep": ("<a>" * 200, "a.xml:1: nested too deeply; at most 100 elements"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    text, message = REFUSED[case]
    with pytest.raises(DataError) as refusal:
        parse_xml(text, "a.xml")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_elements_have_lines_and_texts(tmp_path):
    (tmp_path / "a.xml").write_text("<a>\n <b c='1'>x<d/>y</b>\n <b/>\n</a>")
    top = read_xml(tmp_path / "a.xml")
    assert [(child.tag, child.line, child.text) for child in top.all("b")] == [("b", 2, "xy"), ("b", 3, "")]
    assert top.find("b", "d").line == 2
    assert top.find("b", "x", "y") is None


def test_long_texts_are_cut(monkeypatch):
    monkeypatch.setattr(xml_text, "LONGEST_TEXT", 10)
    assert len(parse_xml(f"<a>{'x' * 100}</a>").text) <= 20
