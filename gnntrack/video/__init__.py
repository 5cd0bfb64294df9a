"""Video in, video out: frames from files, cameras and streams; detectors of other people; tracks drawn over images."""

from gnntrack.packages import exported

__all__ = ["BoxesDetector", "Look", "Painter", "Video", "draw", "open_detector", "open_video", "track_video"]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.video.reading": "Video open_video",
        "gnntrack.video.detectors": "BoxesDetector open_detector",
        "gnntrack.video.painting": "Look Painter",
        "gnntrack.video.drawing": "draw",
        "gnntrack.video.tracking": "track_video",
    },
)
