"""Settings of the association network, of births and of links."""

from __future__ import annotations

from pydantic import Field

from gnntrack.bounds import MOST_FRAMES, MOST_HIDDEN, MOST_NEAREST, MOST_ROUNDS
from gnntrack.durations import Duration, PositiveDuration
from gnntrack.recipes import Settings


class LinkNetworkSettings(Settings):
    """Settings of the network that scores tracks against the detections of a new frame.

    Attributes:
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and every detection among their own kind.
        dropout: share of hidden values that are dropped in training.
        appearance: whether the network has an appearance branch, which compares embeddings where there are some.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    rounds: int = Field(2, ge=1, le=MOST_ROUNDS)
    candidates: int = Field(6, ge=1, le=MOST_NEAREST)
    neighbours: int = Field(3, ge=1, le=MOST_NEAREST)
    dropout: float = Field(0.1, ge=0, lt=1)
    appearance: bool = False


class BirthSettings(Settings):
    """When a detection starts a track, and when that track is confirmed.

    A detection of low confidence may start a track on trial (association networks): its confidence is below what a
    birth needs, but not below ``trial_share`` of that.

    Attributes:
        confidence: a track needs one detection of at least this confidence. Elsewhere: ``new_track_thresh``,
            ``track_activation_threshold``, ``det_thresh``.
        usual_share: a birth needs this share of the usual confidence of the video's detections, if that is more than
            ``confidence``: detectors differ (association networks). Classes that are apart have one each.
        score: a birth needs this probability, as scored by the network, that the detection is an object without a
            track (association networks).
        confirm: detections after which a new track is confirmed and reported (online mode). Elsewhere: ``min_hits``,
            ``n_init``, ``minimum_consecutive_frames``.
        patience: how long a tentative track may be missed.
        trial_share: share of the confidence that a birth needs, from which a track starts on trial; 1: none does.
        trial_score: ``score`` that a trial needs.
        trial_overlap: IoU with a detection that is linked, or of high confidence, from which no track starts on trial:
            it may be a second box on the same object.
        trial_confirm: detections after which a track on trial is confirmed, unless one of them has a high confidence
            (online mode).
    """

    confidence: float = Field(0.6, ge=0, le=1)
    usual_share: float = Field(0.0, ge=0, le=1)
    score: float = Field(0.5, ge=0, le=1)
    confirm: int = Field(1, ge=1, le=MOST_FRAMES)
    patience: Duration = Duration(2, "frames")
    trial_share: float = Field(1.0, ge=0, le=1)
    trial_score: float = Field(0.4, ge=0, le=1)
    trial_overlap: float = Field(0.3, ge=0, le=1)
    trial_confirm: int = Field(2, ge=1, le=MOST_FRAMES)


class LinkSettings(Settings):
    """Which detections continue a track, and for how long a lost one is kept.

    Attributes:
        minimum_confidence: detections below are not used. Elsewhere: ``track_low_thresh``, ``min_conf``.
        threshold: probability above which a link is chosen. Elsewhere, of distances or IoU:
            ``match_thresh``, ``iou_threshold``, ``minimum_matching_threshold``.
        confidence_power: link probabilities are multiplied by the detection's confidence to this power before links are
            chosen: of two boxes on one object the more confident one is preferred (association networks).
        margin: a link must be this much more probable than any other candidate of its track and of its detection;
            otherwise the track is lost there, and the detection begins a new one. Likewise of tracklets, when gaps are
            closed and identities corrected (association networks).
        memory: how long a lost track is kept (association networks). Elsewhere, in frames: ``max_age``,
            ``track_buffer``, ``lost_track_buffer``.
    """

    minimum_confidence: float = Field(0.1, ge=0, le=1)
    threshold: float = Field(0.5, gt=0, lt=1)
    confidence_power: float = Field(0.0, ge=0, le=100)
    margin: float = Field(0.0, ge=0, lt=1)
    memory: PositiveDuration = Duration(2.0)
