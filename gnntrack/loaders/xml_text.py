"""XML: elements with their lines; document types and entities, which can grow or name other files, are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from gnntrack.errors import DataError
from gnntrack.loaders.text import read_bytes

#: Elements within each other; annotation files have about six.
DEEPEST = 100
#: Characters of text in an element that are kept; what the readers look for is shorter.
LONGEST_TEXT = 2**20


@dataclass
class Element:
    """An element of a document.

    Attributes:
        tag: its name.
        attributes: by name.
        line: where it begins, counted from 1.
        children: the elements in it.
        text: the text in it, without that of its children.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> Iterator[Element]:
        """Yields the children of this name."""
        return (child for child in self.children if child.tag == tag)

    def find(self, *path: str) -> Element | None:
        """The first element along a path of names; None where there is none."""
        place: Element | None = self
        for tag in path:
            place = None if place is None else next(place.all(tag), None)
        return place


class _Builder:
    """Makes elements of what the parser meets."""

    def __init__(self, path: str | Path | None) -> None:
        self.path = path
        self.top = Element("", {}, 0)
        self.open = [self.top]
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) > DEEPEST:
            remedy = f"at most {DEEPEST} elements within each other are read"
            raise DataError("nested too deeply", remedy=remedy, path=self.path, line=self.parser.CurrentLineNumber)
        element = Element(tag, attributes, self.parser.CurrentLineNumber)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, tag: str) -> None:
        self.open.pop()

    def text(self, text: str) -> None:
        element = self.open[-1]
        if len(element.text) < LONGEST_TEXT:
            element.text += text[:LONGEST_TEXT]

    def refuse(self, *_: object) -> None:
        line = self.parser.CurrentLineNumber
        raise DataError("declares a document type or entities", remedy="remove it", path=self.path, line=line)


def parse_xml(text: str, path: str | Path | None = None) -> Element:
    r"""The outermost element of a document.

    Args:
        text: the document.
        path: the file that it stands in, for the error.

    Raises:
        DataError: it is no XML, declares a document type or entities, or is nested too deeply.

    Example:
        >>> parse_xml("<a>\n<b c='1'/></a>").find("b")
        Element(tag='b', attributes={'c': '1'}, line=2, children=[], text='')
        >>> parse_xml("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: declares a document type or entities; remove it
    """
    builder = _Builder(path)
    try:
        builder.parser.Parse(text, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise DataError(f"not XML: {reason}", remedy="check the file", path=path, line=error.lineno) from None
    return builder.top.children[0]


def read_xml(path: Path) -> Element:
    """The outermost element of a file, packed (``.gz``) or not.

    Raises:
        DataError: it is missing, unreadable or no XML that :func:`parse_xml` takes.
    """
    return parse_xml(read_bytes(path).decode("utf-8"), path)
