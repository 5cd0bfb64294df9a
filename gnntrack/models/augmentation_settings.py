"""Augmentation of training windows and clips."""

from __future__ import annotations

from pydantic import Field

from gnntrack.recipes import Settings


class WindowAugmentationSettings(Settings):
    """Augmentation of training windows.

    Attributes:
        flip: probability of a horizontal flip.
        jitter: largest standard deviation of the noise on position and size, in box sizes; each window draws its own.
        drift: standard deviation of the extra motion of each object, in heights a frame, and of its growth, in log size
            a frame.
        pan: how far a drifting, shaking camera moves the image from frame to frame, in median box heights.
        doubt: confidences are multiplied by a factor between 1 − doubt and 1.
        drop: each window drops boxes with a probability drawn from 0 to this.
        drop_run: each window hides each identity, with this probability, for a random run of frames (an occlusion).
        spurious: share of boxes that is added as false positives, at most.
        rough: share of windows with the errors of a poor detector: of centre and size, mostly horizontal, occasionally
            large.
        skip: largest step between used frames; a window uses every second, third, … frame at random (frame skipping).
    """

    flip: float = Field(0.5, ge=0, le=1)
    jitter: float = Field(0.06, ge=0, le=0.5)
    drift: float = Field(0.03, ge=0, le=0.5)
    pan: float = Field(0.02, ge=0)
    doubt: float = Field(0.5, ge=0, lt=1)
    drop: float = Field(0.3, ge=0, lt=1)
    drop_run: float = Field(0.3, ge=0, le=1)
    spurious: float = Field(0.1, ge=0, le=1)
    rough: float = Field(0.0, ge=0, le=1)
    skip: int = Field(4, ge=1)


class AugmentationSettings(WindowAugmentationSettings):
    """How clips are changed: as windows are, and further.

    Attributes:
        stretch: standard deviation of the log factors by which a clip's boxes grow about their centres, in width and in
            height, by which distances across grow, and by which the image does.
        overlay: share of clips into which another clip is laid, so that strangers cross.
        merge: share of clips in which two who overlap become one box around both, for some frames at a time.
        blur: largest length of the noise on embeddings of length 1; each clip draws its own.
        blind: share of clips whose embeddings are not known.
    """

    stretch: float = Field(0.2, ge=0, le=1)
    overlay: float = Field(0.3, ge=0, le=1)
    merge: float = Field(0.0, ge=0, le=1)
    blur: float = Field(0.5, ge=0)
    blind: float = Field(0.2, ge=0, le=1)
