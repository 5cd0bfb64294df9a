"""Tracks drawn over an image: boxes, recent paths, labels; the colour of an identity is the same everywhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gnntrack.geometry import xyxy_to_xywh
from gnntrack.inspection.labels import place_labels
from gnntrack.inspection.style import INK, identity_colour, ink_on
from gnntrack.packages import needed_package
from gnntrack.tracking.detections import CORNERS, TRACK, TRACKED_CLASS, TRACKED_CONFIDENCE

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

Text = Literal["id", "class", "confidence", "none"]
BLANK = "#f5f7fa"
#: More objects than this in a frame make labels small and short.
CROWD = 60
_LEFT, _TOP, _WIDTH, _HEIGHT = range(4)
#: Paths are drawn so many times as large, in images of at most so many pixels a side.
_FINE, _LARGE = 2, 1300


@dataclass(frozen=True)
class Look:
    """How tracks are drawn.

    Attributes:
        text: what a label says: the identity; with its class; with class and confidence; or ``none``: no labels.
        trail: frames that paths reach back; 0: no paths.
        fill: opacity of the boxes' inside, 0 to 1.
    """

    text: Text = "class"
    trail: int = 30
    fill: float = 0.0


class Painter:
    """Draws the frames of one video, in order: it remembers where each track was.

    Args:
        look: how tracks are drawn.
        names: of classes, by number.

    Example:
        >>> from PIL import Image
        >>> image = Image.new("RGB", (64, 48))
        >>> Painter().paint(image, 1, np.array([7]), np.array([[10.0, 10, 20, 20]]))
        >>> image.getpixel((10, 20)) == tuple(bytes.fromhex(identity_colour(7)[1:]))
        True
    """

    def __init__(self, look: Look = Look(), names: Mapping[int, str] | None = None) -> None:
        self.look, self.names = look, names or {}
        self._paths: dict[int, deque[tuple[int, float, float]]] = {}

    def paint(
        self,
        image: Image,
        frame: int,
        ids: np.ndarray,
        boxes: np.ndarray,
        classes: np.ndarray | None = None,
        confidence: np.ndarray | None = None,
    ) -> None:
        """Draws a frame's tracks onto its image.

        Args:
            image: of mode RGB; it is drawn upon.
            frame: its number.
            ids: ``(N,)``.
            boxes: ``(N, 4)`` left, top, width, height.
            classes: ``(N,)``; None: no classes are shown.
            confidence: ``(N,)``; None: none is shown.
        """
        self.remember(frame, ids, boxes)
        with needed_package("drawing"):
            from PIL import ImageDraw
        order = np.argsort(boxes[:, _TOP] + boxes[:, _HEIGHT], kind="stable")  # what is lower in the image is nearer
        unit = _unit(image, len(ids))
        if self.look.trail and len(ids):
            self._draw_paths(image, frame, ids[order].tolist(), unit)
        canvas = ImageDraw.Draw(image, "RGBA")
        for place in order:
            self._draw_box(canvas, boxes[place], identity_colour(int(ids[place])), unit)
        if self.look.text != "none":
            nearest = order[::-1]
            texts = [self._text(place, ids, classes, confidence) for place in nearest]
            _draw_labels(image, texts, ids[nearest], boxes[nearest], unit)

    def paint_tracks(self, pixels: np.ndarray, frame: int, rows: np.ndarray) -> np.ndarray:
        """An image with its tracks.

        Args:
            pixels: ``(height, width, 3)``; it is not changed.
            frame: its number.
            rows: ``(M, 8)``, as ``Tracker.update`` returns them.
        """
        from PIL import Image

        image = Image.fromarray(pixels)
        boxes = xyxy_to_xywh(rows[:, CORNERS])
        classes = rows[:, TRACKED_CLASS] if self.names else None
        self.paint(image, frame, rows[:, TRACK].astype(int), boxes, classes, rows[:, TRACKED_CONFIDENCE])
        return np.asarray(image)

    def remember(self, frame: int, ids: np.ndarray, boxes: np.ndarray) -> None:
        """Takes note of where tracks are, without drawing."""
        for identity, (x, y, w, h) in zip(ids.tolist(), boxes.tolist(), strict=True):
            self._paths.setdefault(identity, deque()).append((frame, x + w / 2, y + h))
        for identity in list(self._paths):
            path = self._paths[identity]
            while path and path[0][0] < frame - self.look.trail:
                path.popleft()
            if not path:
                del self._paths[identity]

    def _draw_paths(self, image: Image, frame: int, ids: list[int], unit: float) -> None:
        """Draws the paths of tracks, in small images on a larger canvas, so that slanted lines are smooth."""
        from PIL import Image as Images
        from PIL import ImageDraw

        fine = _FINE if max(image.size) <= _LARGE else 1
        layer = Images.new("RGBA", (image.width * fine, image.height * fine))
        canvas = ImageDraw.Draw(layer)
        for identity in ids:
            colour = identity_colour(identity)
            _draw_path(canvas, self._paths[identity], frame, self.look.trail, colour, unit, fine)
        layer = layer.reduce(fine) if fine > 1 else layer
        image.paste(layer, (0, 0), layer)

    def _draw_box(self, canvas: Any, box: np.ndarray, colour: str, unit: float) -> None:
        x, y, w, h = box.tolist()
        line = max(1, round(min(1.6 * unit, min(w, h) / 4)))
        corners = (round(x), round(y), max(round(x), round(x + w) - 1), max(round(y), round(y + h) - 1))
        canvas.rectangle(corners, outline=colour, width=line, fill=_with_alpha(colour, self.look.fill))

    def _text(self, place: int, ids: np.ndarray, classes: np.ndarray | None, confidence: np.ndarray | None) -> str:
        parts = [str(int(ids[place]))]
        if len(ids) <= CROWD and self.look.text != "id":
            if classes is not None:
                number = int(classes[place])
                parts.append(self.names.get(number, f"class {number}"))
            if confidence is not None and self.look.text == "confidence":
                parts.append(f"{confidence[place]:.2f}")
        return " ".join(parts)


def _unit(image: Image, count: int) -> float:
    """Pixels of a thin line: more in large images, fewer where there are many objects."""
    usual = max(0.8, min(image.width, image.height) / 480)
    return usual * (0.75 if count > CROWD else 1.0)


def _with_alpha(colour: str, opacity: float) -> tuple[int, int, int, int] | None:
    """A colour that lets through; None where nothing of it would be seen."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return (red, green, blue, round(255 * opacity)) if opacity > 0 else None


def _draw_path(
    canvas: Any, path: Iterable[tuple[int, float, float]], frame: int, trail: int, colour: str, unit: float, fine: int
) -> None:
    """A line through the middles of lower edges, the older the paler; open where the track was not seen."""
    for (before, x1, y1), (now, x2, y2) in pairwise(path):
        strength = 1 - (frame - now) / max(1, trail)
        if now - before <= max(1, trail // 6):
            width = max(1, round(fine * unit * (0.9 + 1.4 * strength)))
            place = (x1 * fine, y1 * fine, x2 * fine, y2 * fine)
            canvas.line(place, fill=_with_alpha(colour, 0.2 + 0.75 * strength), width=width)


def _draw_labels(image: Image, texts: list[str], ids: np.ndarray, boxes: np.ndarray, unit: float) -> None:
    """Labels where there is room; those of near objects first."""
    size = max(9, round(11 * unit))
    tags = [_tag(text, identity_colour(int(identity)), size) for text, identity in zip(texts, ids, strict=True)]
    sizes = np.array([tag.size for tag in tags], dtype=float).reshape(-1, 2)
    for tag, corner in zip(tags, place_labels(boxes, sizes, image.width, image.height), strict=True):
        if np.isfinite(corner).all():
            image.paste(tag, tuple(np.rint(corner).astype(int).tolist()))


@lru_cache(maxsize=4096)
def _tag(text: str, colour: str, size: int) -> Image:
    """A label as an image of its own."""
    from PIL import Image, ImageDraw

    font = _font(size)
    left, _, right, _ = font.getbbox(text)
    ascent, descent = font.getmetrics() if hasattr(font, "getmetrics") else (size, 2)
    margin = max(2, size // 4)
    tag = Image.new("RGB", (round(right - left) + 2 * margin, ascent + descent), colour)
    ImageDraw.Draw(tag).text((margin - left, 0), text, fill=ink_on(colour), font=font)
    return tag


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont | ImageFont:
    """The font that comes with pillow."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def caption(image: Image, text: str) -> None:
    """Writes a line into the lower left corner, on blank canvases."""
    from PIL import ImageDraw

    size = max(10, round(12 * _unit(image, 0)))
    ImageDraw.Draw(image).text((size // 2, image.height - 1.6 * size), text, fill=INK, font=_font(size))
