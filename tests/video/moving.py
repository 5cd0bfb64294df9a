"""A small video that the tests make: a red and a blue rectangle that pass each other on grey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, RATE = 160, 120, 25
COLOURS = {"red": (220, 40, 40), "blue": (40, 40, 220)}


def boxes(frame: int) -> dict[str, tuple[int, int, int, int]]:
    """Left, top, width and height of both in a frame, from 1."""
    return {"red": (6 + 3 * frame, 20, 16, 30), "blue": (130 - 3 * frame, 66, 16, 30)}


def images(count: int) -> Iterator[np.ndarray]:
    """The frames."""
    for frame in range(1, count + 1):
        image = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
        for name, (x, y, w, h) in boxes(frame).items():
            image[y : y + h, x : x + w] = COLOURS[name]
        yield image


def write_video(path: Path, count: int = 12, **options: str) -> Path:
    """A video file; the suffix says which kind."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for image in images(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_boxes(path: Path, count: int = 12) -> Path:
    """The boxes of both as MOTChallenge detections."""
    rows = [
        f"{frame},-1,{','.join(map(str, box))},0.9\n" for frame in range(1, count + 1) for box in boxes(frame).values()
    ]
    path.write_text("".join(rows))
    return path


def found_in(image: np.ndarray) -> list[list[float]]:
    """A detector: the boxes ``x1, y1, x2, y2`` of red (class 1) and blue (class 2) in an image."""
    found = []
    for kind, colour in enumerate(COLOURS.values(), 1):
        near = (np.abs(image.astype(int) - colour) < 60).all(axis=2)
        ys, xs = np.nonzero(near)
        if len(xs) > 20:
            found.append([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1, 0.9, kind])
    return found
