"""Settings of the association network, and how its scores become tracks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gnntrack.bounds import MOST_FRAMES, MOST_HIDDEN, MOST_NEAREST, MOST_ROUNDS
from gnntrack.recipes import Settings


class LinkNetworkSettings(Settings):
    """Settings of the network that scores tracks against the detections of a new frame.

    Attributes:
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and every detection among their own kind.
        dropout: share of hidden values that are dropped in training.
        appearance: whether links know how alike the embeddings of their ends are, where there are embeddings.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    rounds: int = Field(2, ge=1, le=MOST_ROUNDS)
    candidates: int = Field(6, ge=1, le=MOST_NEAREST)
    neighbours: int = Field(3, ge=1, le=MOST_NEAREST)
    dropout: float = Field(0.1, ge=0, lt=1)
    appearance: bool = False


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
    unsure_confirm: int = Field(2, ge=1, le=MOST_FRAMES)
    link_threshold: float = Field(0.5, gt=0, lt=1)
    confidence_power: float = Field(0.0, ge=0, le=100)
    confirm: int = Field(1, ge=1, le=MOST_FRAMES)
    patience: int = Field(2, ge=0, le=MOST_FRAMES)
    memory: int = Field(60, ge=1, le=MOST_FRAMES)
    minimum_length: int = Field(2, ge=1)
    revisions: int = Field(0, ge=0, le=16)
    revision_threshold: float = Field(0.2, gt=0, lt=1)
    join_threshold: float = Field(0.5, gt=0, lt=1)
    join_gaps: tuple[Annotated[int, Field(ge=1, le=MOST_FRAMES)], ...] = Field((20, 60), max_length=16)
    relink_threshold: float = Field(0.5, gt=0, lt=1)
    relink_threshold_online: float = Field(0.5, gt=0, lt=1)
    relink_crowd: int = Field(14, ge=0)
    relink_crowd_online: int = Field(12, ge=0)
    interpolate: int = Field(20, ge=0, le=MOST_FRAMES)
    smooth: bool = True
    smooth_online: bool = True
