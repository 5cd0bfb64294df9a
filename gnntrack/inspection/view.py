"""The page to watch: one self-contained HTML file with boxes, links, errors and playback."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from dataclasses import dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote

from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.evaluation.benchmarks import Benchmark, for_pairs, prepare
from gnntrack.evaluation.errors import errors_in
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.rules import rules_of
from gnntrack.files import write_text
from gnntrack.inspection.frame_images import numbered_images
from gnntrack.inspection.payload import scene
from gnntrack.inspection.style import page_palette
from gnntrack.remote import as_path, is_address, is_remote
from gnntrack.sequence import Sequence

_PAGE = files("gnntrack.inspection") / "page"
_SCRIPTS = [
    *("data", "state", "theme", "layout", "errors", "links", "labels", "marks", "draw", "tip", "panel"),
    *("timeline", "pointer", "keyboard", "controls", "main"),
]


@dataclass(frozen=True)
class PageOptions:
    """How a page shows its sequence.

    Attributes:
        images: folder of frame images, ``000001.jpg`` and so on.
        frame: where the page opens; ``page.html#frame=120`` does the same.
        benchmark: whose rules decide which errors count (:mod:`gnntrack.evaluation.benchmarks`).
    """

    images: str | PathLike[str] | None = None
    frame: int | None = None
    benchmark: str | Benchmark = "custom"


def write_page(
    path: str | PathLike[str],
    tracks: Sequence,
    *,
    truth: Sequence | None = None,
    other: Sequence | None = None,
    graph: Data | None = None,
    options: PageOptions = PageOptions(),
) -> None:
    """Writes a page that plays a result, beside the ground truth or a second result, with its errors listed.

    The file needs no network and no server: opened from disk it is all there, except the frame images, which it
    finds by their path relative to its own. Nothing in the data is ever run as a script.

    Args:
        path: the ``.html`` file.
        tracks: the result.
        truth: annotations that count; with them the page lists every error.
        other: a second result, to compare.
        graph: the sequence's candidate links (:func:`gnntrack.graphs.build_graph` of the detections that the tracks
            came from), with ``score`` where they are scored.
        options: images, where the page opens, and which errors count.

    Raises:
        DataError: there are too many frames for a page, not the one where it opens, or no images in the folder.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> path = Path(tempfile.mkdtemp(), "view.html")
        >>> write_page(path, sample("TUD-Campus", "tracks"), truth=sample("TUD-Campus", "annotations"))
        >>> path.read_text(encoding="utf-8").count("<script>")
        1
    """
    names = None if options.images is None else find_images(options.images, as_path(path))
    errors = None
    if truth is not None:
        matches = match(prepare(truth, tracks, for_pairs(rules_of(options.benchmark), [(truth, tracks)])))
        truth, errors = matches.truth, errors_in(matches)
    write_text(path, _compose(scene(tracks, truth, other, graph, errors, options.frame, names)))


def find_images(folder: str | PathLike[str], page: Path) -> dict[int, str]:
    """Frame number to the image's address relative to the page (:func:`.frame_images.numbered_images`).

    Raises:
        DataError: there is no such folder, or no image in it.
    """
    if is_remote(page) or is_address(folder) or is_remote(folder):
        remedy = "copy the images, and write the page to a folder"
        raise DataError("a page shows images that lie on the same disk", remedy=remedy, path=str(folder))
    found = numbered_images(Path(folder))
    relative = os.path.relpath(Path(folder).resolve(), page.resolve().parent)
    address = quote(Path(relative).as_posix())
    return {number: f"{address}/{quote(image.name)}" for number, image in found.items()}


def _compose(content: dict[str, Any]) -> str:
    """The parts in one file. Only scripts of known hash run, so nothing that the data holds can."""
    style = _part("style.css")
    script = '"use strict";\n(() => {\n' + "\n".join(_part(f"{name}.js") for name in _SCRIPTS) + "})();\n"
    policy = f"default-src 'none'; img-src 'self' file: data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    # "<" cannot appear, so no name ends the data's element or opens another
    shown = content | {"palette": page_palette()}
    data = json.dumps(shown, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = {
        "policy": html.escape(policy),
        "title": html.escape(f"{content['name']} · gnntrack"),
        "style": style,
        "script": script,
        "data": data,
    }
    return re.sub(r"{{(\w+)}}", lambda match: parts[match[1]], _part("page.html"))


def _part(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
