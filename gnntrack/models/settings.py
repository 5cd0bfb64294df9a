"""How training goes; these settings travel with the weights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gnntrack.recipes import Settings
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.smoothing.settings import SmoothingNetworkSettings


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
        rough: share of windows whose boxes fit as badly as a poor detector's do: errors of centre and size, mostly
            across, now and then large.
        skip: largest step between used frames; a window is slowed to every second, third, … frame at random.
        stretch: standard deviation of the log factors by which a clip's boxes grow about their centres, in width and in
            height, by which distances across grow, and by which the picture does (clips only).
        overlay: share of clips into which another clip is laid, so that strangers cross (clips only).
        merge: share of clips in which two who overlap become one box around both, for some frames at a time (clips
            only).
        blur: largest length of the noise on embeddings of length 1; each clip draws its own (clips only).
        blind: share of clips whose embeddings are not known (clips only).
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
    stretch: float = Field(0.2, ge=0, le=1)
    overlay: float = Field(0.3, ge=0, le=1)
    merge: float = Field(0.0, ge=0, le=1)
    blur: float = Field(0.5, ge=0)
    blind: float = Field(0.2, ge=0, le=1)


class RolloutSettings(Settings):
    """How an association network is trained: by tracking.

    Attributes:
        length: frames of a clip.
        window: frames that one step learns from.
        steps: steps an epoch.
        own: share of clips in which the model's own links are made; in the others, the true ones.
        reverse: share of clips that run backwards.
        patience: epochs without a better validation score after which training stops; 0: never.
    """

    length: int = Field(100, ge=4)
    window: int = Field(4, ge=1)
    steps: int = Field(250, ge=1)
    own: float = Field(0.7, ge=0, le=1)
    reverse: float = Field(0.5, ge=0, le=1)
    patience: int = Field(0, ge=0)


class TrackletTrainingSettings(Settings):
    """How the tracklet network of an association network is trained: on clips that the tracker has tracked.

    Attributes:
        network: what is trained.
        clips: tracked once, before training.
        length: frames of a clip.
        overlay: share of clips that another one is laid over.
        whole: how often every video counts as it is, beside the clips.
        moments: in so many frames as a clip has, at which the online tracker would ask.
        steps: of training.
        batch_size: graphs a step.
        learning_rate: peak of the schedule (a short rise, then a cosine to 0).
        weight_decay: of AdamW.
    """

    network: TrackletNetworkSettings = TrackletNetworkSettings()
    clips: int = Field(2500, ge=0)
    length: int = Field(500, ge=4)
    overlay: float = Field(0.2, ge=0, le=1)
    whole: int = Field(2, ge=0)
    moments: int = Field(6, ge=0)
    steps: int = Field(2500, ge=1)
    batch_size: int = Field(20, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(0.03, ge=0)


class SmoothingTrainingSettings(Settings):
    """How the smoothing network of an association network is trained: on videos that the tracker has tracked.

    Offline and online are trained one after the other, alike.

    Attributes:
        network: what is trained.
        copies: of every video, with more noise, beside the video as it is.
        noise: standard deviation over copies of the noise on the sides of a box, in box sizes; each copy draws its own.
        steps: of training.
        batch_size: boxes a step.
        learning_rate: peak of the schedule (a short rise, then a cosine to 0).
        weight_decay: of AdamW.
    """

    network: SmoothingNetworkSettings = SmoothingNetworkSettings()
    copies: int = Field(1, ge=0)
    noise: float = Field(0.04, ge=0, le=0.5)
    steps: int = Field(4000, ge=1)
    batch_size: int = Field(512, ge=1)
    learning_rate: float = Field(3e-3, gt=0)
    weight_decay: float = Field(0.05, ge=0)


class TrainingSettings(Settings):
    """How training goes.

    Attributes:
        epochs: passes over the training windows.
        batch_size: window graphs a step.
        learning_rate: peak of the schedule (a short rise, then a cosine to 0).
        weight_decay: of AdamW.
        gradient_clip: largest gradient norm.
        augmentation: how windows are changed.
        rollout: clips and windows of association networks.
        tracklets: training of the network that decides crossings afterwards.
        smoothing: training of the network that smooths boxes.
        learn: ``appearance`` keeps weights as they are but those that look at embeddings, so without embeddings nothing
            changes; they are added where there are none (networks that exist: ``--start``, ``train-tracklets``).
            ``boxes`` keeps those, and the rest learns (likewise).
    """

    epochs: int = Field(30, ge=1)
    batch_size: int = Field(8, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-2, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    augmentation: AugmentationSettings = AugmentationSettings()
    rollout: RolloutSettings = RolloutSettings()
    tracklets: TrackletTrainingSettings = TrackletTrainingSettings()
    smoothing: SmoothingTrainingSettings = SmoothingTrainingSettings()
    learn: Literal["all", "appearance", "boxes"] = "all"
