"""Settings that travel with the weights besides the architecture: how scores become tracks, how training goes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gnntrack.recipes import Settings


class AssociationSettings(Settings):
    """How scores become tracks.

    Attributes:
        minimum_confidence: detections below are not used.
        birth_confidence: a track needs one detection of at least this confidence.
        birth_relative: share of the confidence that sure detections of this video usually have, from which a track
            is begun, if that is more than ``birth_confidence``: detectors differ (association networks).
        birth_score: probability, as the model sees it, that a detection is an object which no track has, from which a
            track is begun (association networks).
        unsure_birth: share of the confidence that a birth needs from which a track is begun on trial; 1: none is
            (association networks).
        unsure_score: ``birth_score`` that this needs.
        unsure_overlap: IoU with a detection that has a track, or is sure, from which a faint one begins none: it may be
            a second box on the same object (association networks).
        unsure_confirm: detections that such a track needs before it counts, unless one of them is sure (online mode).
        link_threshold: probability above which a link is worth making.
        confidence_power: link probabilities are multiplied by the detection's confidence to this power before links are
            chosen: of two boxes on one object the surer is preferred (association networks).
        confirm: detections that a new track needs before it counts (online mode).
        patience: frames that a track which does not count yet may be missed.
        memory: frames that a lost track is kept.
        minimum_length: tracks of fewer detections are dropped (offline mode).
        revisions: rounds in which all links are chosen anew, knowing past and future (offline mode, association
            networks).
        revision_threshold: probability above which a link is made in these.
        join_threshold: probability above which tracklets are joined over a gap (offline mode, association networks).
        join_gaps: longest gaps, in frames, of each round of joining (offline mode, association networks).
        relink_threshold: probability above which tracklets are linked anew where tracks have crossed (offline mode,
            association networks with a tracklet network).
        relink_threshold_online: likewise, online.
        relink_crowd: where more tracks than so many are in view, the tracker's links stay (offline mode, likewise; 0:
            nothing is linked anew).
        relink_crowd_online: while more tracks than so many are in view, no identity is corrected (online mode,
            likewise; 0: never).
        interpolate: longest gap, in frames, that is filled with boxes on a straight line (offline mode).
        smooth: boxes of finished tracks are smoothed (offline mode, association networks with a smoothing network).
        smooth_online: the boxes of each frame are smoothed, knowing those before (online mode, likewise).
    """

    minimum_confidence: float = Field(0.1, ge=0, le=1)
    birth_confidence: float = Field(0.6, ge=0, le=1)
    birth_relative: float = Field(0.0, ge=0, le=1)
    birth_score: float = Field(0.5, ge=0, le=1)
    unsure_birth: float = Field(1.0, ge=0, le=1)
    unsure_score: float = Field(0.4, ge=0, le=1)
    unsure_overlap: float = Field(0.3, ge=0, le=1)
    unsure_confirm: int = Field(2, ge=1)
    link_threshold: float = Field(0.5, gt=0, lt=1)
    confidence_power: float = Field(0.0, ge=0)
    confirm: int = Field(1, ge=1)
    patience: int = Field(2, ge=0)
    memory: int = Field(60, ge=1)
    minimum_length: int = Field(2, ge=1)
    revisions: int = Field(0, ge=0)
    revision_threshold: float = Field(0.2, gt=0, lt=1)
    join_threshold: float = Field(0.5, gt=0, lt=1)
    join_gaps: tuple[int, ...] = (20, 60)
    relink_threshold: float = Field(0.5, gt=0, lt=1)
    relink_threshold_online: float = Field(0.5, gt=0, lt=1)
    relink_crowd: int = Field(14, ge=0)
    relink_crowd_online: int = Field(12, ge=0)
    interpolate: int = Field(20, ge=0)
    smooth: bool = True
    smooth_online: bool = True


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


class TrackletNetworkSettings(Settings):
    """Settings of :class:`gnntrack.models.TrackletNetwork`.

    Attributes:
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every end of a tracklet and of every beginning.
        online_candidates: likewise, online.
        members: networks whose logits are averaged, trained alike from other beginnings: single decisions weigh much,
            and one network alone is lucky or not.
        reach: longest gap between tracklets, in frames.
        dropout: share of hidden values that are dropped in training.
        appearance: whether links know how alike the embeddings of their ends are; training takes it from the
            association network, and from whether there are embeddings to learn from.
    """

    hidden: int = Field(64, ge=4)
    rounds: int = Field(2, ge=1)
    candidates: int = Field(12, ge=1)
    online_candidates: int = Field(4, ge=1)
    members: int = Field(3, ge=1)
    reach: int = Field(120, ge=1)
    dropout: float = Field(0.05, ge=0, lt=1)
    appearance: bool = False


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


class SmoothingNetworkSettings(Settings):
    """Settings of :class:`gnntrack.models.SmoothingNetwork`.

    Attributes:
        hidden: width.
        dropout: share of hidden values that are dropped in training.
    """

    hidden: int = Field(64, ge=4)
    dropout: float = Field(0.1, ge=0, lt=1)


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
