"""COCO-video documents of sequences."""

from __future__ import annotations

from typing import Any

from gnntrack.errors import DataError
from gnntrack.formats.options import Content
from gnntrack.formats.values import as_written, check_length
from gnntrack.sequence import BOX, Sequence


def as_document(sequences: list[Sequence], content: Content, coverage: tuple[str, str]) -> dict[str, Any]:
    """The sequences as one document.

    Args:
        sequences: the boxes.
        content: what they are.
        coverage: the names of TAO's lists of absent and partly annotated classes.
    """
    document: dict[str, Any] = {"videos": [], "images": [], "annotations": [], "categories": []}
    classes: dict[int, str] = {}
    image = annotation = 1
    for number, sequence in enumerate(sequences, 1):
        check_length(sequence)
        size = {"width": sequence.width, "height": sequence.height}
        video = {"id": number, "name": sequence.name, "fps": sequence.frame_rate, **size}
        if sequence.coverage is not None:
            known = (sequence.coverage.absent, sequence.coverage.partial)
            video |= {key: sorted(classes) for key, classes in zip(coverage, known, strict=True)}
        document["videos"].append(video)
        for frame in range(sequence.length):
            file = f"{sequence.name}/{frame + 1:06d}.jpg"
            document["images"].append(
                {"id": image + frame, "video_id": number, "frame_id": frame, "file_name": file, **size}
            )
        table = sequence.boxes
        used = {int(class_id): f"class {int(class_id)}" for class_id in table["class_id"].unique()}
        named = used | dict(sequence.classes)
        clash = [key for key in named if classes.get(key, named[key]) != named[key]]
        if clash:
            problem = f"class {clash[0]} is {classes[clash[0]]!r} and, in {sequence.name}, {named[clash[0]]!r}"
            raise DataError(problem, remedy="convert sequences with different classes apart")
        classes |= named
        box = as_written(table[BOX])
        for row, values in zip(table.itertuples(index=False), box.tolist(), strict=True):
            element = {
                "id": annotation,
                "image_id": image + row.frame - 1,
                "video_id": number,
                "category_id": row.class_id,
                "bbox": values,
                "area": round(values[2] * values[3], 6),
                "iscrowd": 0,
                "visibility": row.visibility,
            }
            if row.id >= 0:
                element |= {"instance_id": row.id, "track_id": row.id}
            if content == "annotations":
                element |= {"ignore": int(row.conf == 0)}
            else:
                element |= {"score": row.conf}
            document["annotations"].append(element)
            annotation += 1
        image += sequence.length
    document["categories"] = [{"id": key, "name": name} for key, name in sorted(classes.items())]
    return document
