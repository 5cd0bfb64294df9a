"""What happens in a synthetic scene."""

from __future__ import annotations

from pydantic import Field

from gnntrack.recipes import Settings


class SceneSettings(Settings):
    """What happens in a scene.

    Attributes:
        objects: objects alive at a time.
        frames: length of the video.
        width: of the image, pixels.
        height: of the image, pixels.
        frame_rate: frames a second.
        dancers: share of objects that dance in groups, close together and alike; the others walk and cross.
        group: dancers of a group.
        pauses: share of the time that walkers stand still.
        turnover: deaths (and births) a second and object, besides those at the image's border.
        camera: speed of the camera's swing, image widths a second.
        shake: how far the image jumps from frame to frame, image widths.
        zoom: how fast the camera zooms in and out, as a logarithm a second.
        roll: how fast it turns about its axis, degrees a second.
        camera_known: whether the scene says how its camera moves.
        object_height: height of an object in mid distance, share of the image's height.
        embedding_dimension: numbers of an appearance vector; 0: none.
        separability: length of the identity's part of a vector against that of its noise.
        seed: same seed, same scene.
    """

    objects: int = Field(12, ge=1, le=1000)
    frames: int = Field(300, ge=1, le=100_000)
    width: int = Field(1920, ge=64, le=10_000)
    height: int = Field(1080, ge=64, le=10_000)
    frame_rate: float = Field(25.0, gt=0, le=1000)
    dancers: float = Field(0.5, ge=0, le=1)
    group: int = Field(6, ge=2)
    pauses: float = Field(0.2, ge=0, le=0.9)
    turnover: float = Field(0.02, ge=0, le=10)
    camera: float = Field(0.02, ge=0, le=2)
    shake: float = Field(0.0, ge=0, le=0.2)
    zoom: float = Field(0.0, ge=0, le=2)
    roll: float = Field(0.0, ge=0, le=90)
    camera_known: bool = False
    object_height: float = Field(0.25, gt=0, le=1)
    embedding_dimension: int = Field(0, ge=0, le=4096)
    separability: float = Field(1.0, ge=0)
    seed: int = Field(0, ge=0)
