"""Synthetic data: detections like those of a real detector, and whole scenes."""

from gnntrack.datasets.synthetic.copied_errors import CopiedErrors, keep_errors
from gnntrack.datasets.synthetic.detector import Detector, find_detector, load_detector, save_detector, simulate
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.datasets.synthetic.fitting import fit_detector, read_both
from gnntrack.datasets.synthetic.hardness import Hardness
from gnntrack.datasets.synthetic.scenes import make_scene, scene_chunks
from gnntrack.datasets.synthetic.settings import SceneSettings

__all__ = [
    "CopiedErrors",
    "Detector",
    "DetectorModel",
    "Hardness",
    "SceneSettings",
    "find_detector",
    "fit_detector",
    "keep_errors",
    "load_detector",
    "make_scene",
    "read_both",
    "save_detector",
    "scene_chunks",
    "simulate",
]
