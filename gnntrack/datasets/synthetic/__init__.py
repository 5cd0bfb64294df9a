"""Synthetic data: detections like those of a real detector, and whole scenes."""

from gnntrack.datasets.synthetic.detector import simulate
from gnntrack.datasets.synthetic.detector_model import DetectorModel, find_detector, load_detector, save_detector
from gnntrack.datasets.synthetic.fitting import fit_detector, read_both
from gnntrack.datasets.synthetic.scenes import make_scene, scene_chunks
from gnntrack.datasets.synthetic.settings import SceneSettings

__all__ = [
    "DetectorModel",
    "SceneSettings",
    "find_detector",
    "fit_detector",
    "load_detector",
    "make_scene",
    "read_both",
    "save_detector",
    "scene_chunks",
    "simulate",
]
