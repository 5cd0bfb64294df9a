"""Video in, video out: frames from files, cameras and streams; detectors of other people; tracks drawn over images."""

from typing import TYPE_CHECKING

from gnntrack.packages import exported

if TYPE_CHECKING:
    from gnntrack.video.detectors import BoxesDetector, open_detector
    from gnntrack.video.drawing import draw
    from gnntrack.video.painting import Look, Painter
    from gnntrack.video.reading import Video, open_video
    from gnntrack.video.tracking import TrackedFrame, track_video

__all__ = [
    "BoxesDetector",
    "Look",
    "Painter",
    "TrackedFrame",
    "Video",
    "draw",
    "open_detector",
    "open_video",
    "track_video",
]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.video.reading": "Video open_video",
        "gnntrack.video.detectors": "BoxesDetector open_detector",
        "gnntrack.video.painting": "Look Painter",
        "gnntrack.video.drawing": "draw",
        "gnntrack.video.tracking": "TrackedFrame track_video",
    },
)
