"""Settings that travel with the weights besides the architecture: how scores become tracks, how training goes."""

from __future__ import annotations

from pydantic import Field

from gnntrack.recipes import Settings


class AssociationSettings(Settings):
    """How scores become tracks.

    Attributes:
        minimum_confidence: detections below are not used.
        birth_confidence: a track needs one detection of at least this confidence.
        link_threshold: probability above which a link is worth making.
        minimum_length: tracks of fewer detections are dropped (offline mode).
        interpolate: longest gap, in frames, that is filled with boxes on a straight line (offline mode).
    """

    minimum_confidence: float = Field(0.1, ge=0, le=1)
    birth_confidence: float = Field(0.6, ge=0, le=1)
    link_threshold: float = Field(0.5, gt=0, lt=1)
    minimum_length: int = Field(2, ge=1)
    interpolate: int = Field(20, ge=0)


class AugmentationSettings(Settings):
    """How training windows are changed, so that few videos teach more.

    Attributes:
        flip: probability of mirroring left and right.
        jitter: largest standard deviation of the noise on position and size, in box sizes; each window draws its own.
        drift: standard deviation of the extra motion of each object, in heights a frame, and of its growth, in log size
            a frame.
        pan: how far a drifting, shaking camera moves the picture from frame to frame, in median box heights.
        doubt: confidences are multiplied by a factor between 1 − doubt and 1.
        drop: each window drops boxes with a probability drawn from 0 to this.
        drop_run: each window hides each identity, with this probability, for a random run of frames (an occlusion).
        spurious: share of boxes that is added as false positives, at most.
        skip: largest step between used frames; a window is slowed to every second, third, … frame at random.
    """

    flip: float = Field(0.5, ge=0, le=1)
    jitter: float = Field(0.06, ge=0, le=0.5)
    drift: float = Field(0.03, ge=0, le=0.5)
    pan: float = Field(0.02, ge=0)
    doubt: float = Field(0.5, ge=0, lt=1)
    drop: float = Field(0.3, ge=0, lt=1)
    drop_run: float = Field(0.3, ge=0, le=1)
    spurious: float = Field(0.1, ge=0, le=1)
    skip: int = Field(4, ge=1)


class TrainingSettings(Settings):
    """How training goes.

    Attributes:
        epochs: passes over the training windows.
        batch_size: window graphs a step.
        learning_rate: peak of the schedule (a short rise, then a cosine to 0).
        weight_decay: of AdamW.
        gradient_clip: largest gradient norm.
        augmentation: how windows are changed.
    """

    epochs: int = Field(30, ge=1)
    batch_size: int = Field(8, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-2, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    augmentation: AugmentationSettings = AugmentationSettings()
