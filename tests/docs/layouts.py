"""Small folders of the names and layouts that the pages speak of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.video.moving import images, write_boxes, write_video

FRAMES, WIDTH, HEIGHT = 24, 640, 480
#: Class numbers of MOTChallenge that walkers have; the last one is a distractor.
_KINDS = (1, 1, 1, 12)


def walkers(seed: int) -> list[tuple[int, int, int, np.ndarray]]:
    """Frame, identity, class and box (x, y, w, h) of four people, in the order of frames; neighbours cross.

    frame 1   →1  2←  →3  4←
    frame 10  2← →1  4← →3
    """
    rng = np.random.default_rng(seed)
    left, top = 150 + 70.0 * np.arange(len(_KINDS)), rng.uniform(195, 205, len(_KINDS))
    speed, size = rng.uniform(4, 6, len(_KINDS)) * (1, -1, 1, -1), rng.uniform(30, 40, len(_KINDS))
    return [
        (frame, n + 1, kind, np.array([left[n] + frame * speed[n], top[n], size[n], 2.2 * size[n]]))
        for frame in range(1, FRAMES + 1)
        for n, kind in enumerate(_KINDS)
    ]


def mot(folder: Path, *names: str, detections: tuple[str, ...] = ("det.txt",), embeddings: bool = False) -> None:
    """MOTChallenge sequences with annotations and detections."""
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        place = folder / name
        (place / "gt").mkdir(parents=True)
        (place / "det").mkdir()
        gt, det = [], []
        for frame, identity, kind, box in walkers(number):
            x, y, w, h = box
            gt.append(f"{frame},{identity},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,{kind},1\n")
            if rng.random() < 0.95:
                x, y, w, h = box + rng.normal(0, 1, 4)
                det.append(f"{frame},-1,{x:.2f},{y:.2f},{w:.2f},{h:.2f},{rng.uniform(0.8, 1):.3f}\n")
        (place / "gt" / "gt.txt").write_text("".join(gt))
        for file in detections:
            (place / "det" / file).write_text("".join(det))
        if embeddings:
            for kind, rows in (("gt", gt), ("det", det)):
                np.save(place / kind / f"{kind}.npy", rng.normal(size=(len(rows), 4)).astype(np.float32))
        (place / "seqinfo.ini").write_text(
            f"[Sequence]\nname={name}\nseqLength={FRAMES}\nframeRate=30\nimWidth={WIDTH}\nimHeight={HEIGHT}\n"
        )


def kitti(folder: Path, *names: str) -> None:
    """KITTI sequences with labels and detections."""
    for number, name in enumerate(names):
        for kind, tail in (("label_02", ""), ("det_02", " 0.9")):
            rows = []
            for frame, identity, _, (x, y, w, h) in walkers(number):
                label = ("Car", "Pedestrian")[identity % 2]
                rows.append(
                    f"{frame - 1} {identity} {label} 0 0 0 {x:.1f} {y:.1f} {x + w:.1f} {y + h:.1f}{' 0' * 7}{tail}\n"
                )
            (folder / kind).mkdir(parents=True, exist_ok=True)
            (folder / kind / f"{name}.txt").write_text("".join(rows))


def coco_results(folder: Path) -> None:
    """annotations.json of one video, and results.json as detectors write it: a bare list."""
    rows = walkers(0)
    about = {"width": WIDTH, "height": HEIGHT}
    images = [
        {"id": n, "video_id": 1, "frame_id": n - 1, "file_name": f"{n}.jpg", **about} for n in range(1, FRAMES + 1)
    ]
    found = [{"image_id": frame, "category_id": 1, "bbox": box.tolist(), "score": 0.9} for frame, _, _, box in rows]
    boxes = [{"id": n, "track_id": row[1], **entry} for n, (row, entry) in enumerate(zip(rows, found, strict=True), 1)]
    content = {
        "videos": [{"id": 1, "name": "street", "fps": 30, **about}],
        "images": images,
        "annotations": boxes,
        "categories": [{"id": 1, "name": "person"}],
    }
    (folder / "annotations.json").write_text(json.dumps(content))
    (folder / "results.json").write_text(json.dumps(found))


def learned_from(folder: Path) -> None:
    """What the recipes in ``models/default`` name."""
    mot(folder / "DanceTrack" / "train", "dancetrack0001")
    mot(folder / "DanceTrack" / "val", "dancetrack0004", "dancetrack0026")
    for name, tail in (("first-half", "-FRCNN"), ("first-half-yolox", "")):
        numbers = ("02", "04", "05", "09", "10", "11", "13") if not tail else ("04", "05", "09", "11")
        mot(folder / "MOT17" / name, *(f"MOT17-{number}{tail}" for number in numbers))
    names = ("ETH-Bahnhof", "ETH-Sunnyday", "TUD-Stadtmitte")
    mot(folder / "MOT15" / "train", *names, detections=("det_sort_frcnn.txt",))
    kitti(folder / "KITTI" / "training", "0000", "0003", "0017", "0020")
    mot(folder / "GMOT40", "bird-0")


def readme(folder: Path) -> None:
    mot(folder / "FOLDER", "street")
    mot(folder / "DATA", "street", "crossing")


def data(folder: Path) -> None:
    mot(folder / "MOT17" / "train", "MOT17-02-FRCNN")
    mot(folder / "DanceTrack" / "train", "dancetrack0001")
    mot(folder / "DanceTrack" / "val", "dancetrack0004", "dancetrack0005", "dancetrack0007")
    mot(folder / "MOT15" / "train", "ETH-Bahnhof")
    kitti(folder / "KITTI" / "training", "0000")
    mot(folder / "export", "street")
    shutil.make_archive(str(folder / "street"), "zip", folder / "export" / "street")


def track(folder: Path) -> None:
    mot(folder / "FOLDER", "street")
    mot(folder / "MOT15" / "train", "ETH-Bahnhof", detections=("det.txt", "det_frcnn.txt"))
    kitti(folder / "KITTI" / "training", "0000")
    coco_results(folder)


def video(folder: Path) -> None:
    write_video(folder / "street.mp4")
    write_boxes(folder / "boxes.txt")
    (folder / "img1").mkdir()
    for number, image in enumerate(images(12), 1):
        Image.fromarray(image).save(folder / "img1" / f"{number:06d}.jpg")


def train(folder: Path) -> None:
    mot(folder / "FOLDER", "street")
    mot(folder / "DATA" / "street", "avenue", "crossing", "night-1", embeddings=True)


def card(folder: Path) -> None:
    mot(folder / "FOLDER", "street")


def opened(folder: Path) -> None:
    card(folder)
    learned_from(folder / "DATA")


def history(folder: Path) -> None:
    learned_from(folder / "DATA")


def nothing(folder: Path) -> None:
    """Some pages need only what comes with the package."""


LAYOUTS: dict[str, Callable[[Path], None]] = {
    "README.md": readme,
    "docs/data.md": data,
    "docs/settings.md": readme,
    "docs/track.md": track,
    "docs/cameras.md": nothing,
    "docs/online.md": nothing,
    "docs/video.md": video,
    "docs/train.md": train,
    "docs/inspect.md": nothing,
    "docs/plug-in.md": nothing,
    "models/default.md": card,
    "models/open.md": opened,
    "models/history.md": history,
}
