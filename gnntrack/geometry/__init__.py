"""Geometry of boxes: conversions and overlaps here; lines, the camera and compiled overlaps in the files beside.

Three forms of a box, each four columns: ``xywh`` is left, top, width, height; ``xyxy`` two corners; ``cxcywh`` centre,
width, height. Every function here takes numpy arrays or torch tensors whose last axis holds the four, and returns the
same kind.
"""

from gnntrack.geometry.boxes import (
    CENTRE,
    CORNER,
    EPSILON,
    HEIGHT,
    LEFT,
    SIZE,
    TOP,
    WIDTH,
    Edges,
    centres,
    cxcywh_to_xywh,
    giou,
    iou,
    iou_matrix,
    share_inside,
    xywh_to_cxcywh,
    xywh_to_xyxy,
    xyxy_to_xywh,
)

__all__ = [
    "CENTRE",
    "CORNER",
    "EPSILON",
    "HEIGHT",
    "LEFT",
    "SIZE",
    "TOP",
    "WIDTH",
    "Edges",
    "centres",
    "cxcywh_to_xywh",
    "giou",
    "iou",
    "iou_matrix",
    "share_inside",
    "xywh_to_cxcywh",
    "xywh_to_xyxy",
    "xyxy_to_xywh",
]
