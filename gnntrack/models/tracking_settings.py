"""How scores become tracks: settings by stage, saved together with the weights."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gnntrack.association.settings import BirthSettings, LinkSettings
from gnntrack.durations import Duration, PositiveDuration
from gnntrack.recipes import Settings
from gnntrack.relinking.settings import RelinkingSettings
from gnntrack.smoothing.settings import BoxSettings


class OfflineSettings(Settings):
    """What is done with a whole video at hand (offline mode).

    Attributes:
        minimum_length: tracks of fewer detections are dropped.
        revisions: rounds in which all links are chosen again, given past and future (association networks).
        revision_threshold: probability above which a link is chosen in these.
        gaps: gap closing: the longest gap over which tracklets are linked, for each round, short ones first
            (association networks). Elsewhere, in frames: ``gap_closing_max_frame_count``.
        gap_threshold: probability above which they are linked.
    """

    minimum_length: int = Field(2, ge=1)
    revisions: int = Field(0, ge=0, le=16)
    revision_threshold: float = Field(0.2, gt=0, lt=1)
    gaps: Annotated[tuple[PositiveDuration, ...], Field(max_length=16)] = (Duration(0.67), Duration(2.0))
    gap_threshold: float = Field(0.5, gt=0, lt=1)


class TrackingSettings(Settings):
    """How scores become tracks, stage by stage.

    Attributes:
        births: when a detection begins a track, and when that counts.
        links: which detections continue a track, and how long a lost one is kept.
        offline: what is done with a whole video at hand.
        relinking: identities after crossings.
        boxes: gaps filled, boxes smoothed.
    """

    births: BirthSettings = BirthSettings()
    links: LinkSettings = LinkSettings()
    offline: OfflineSettings = OfflineSettings()
    relinking: RelinkingSettings = RelinkingSettings()
    boxes: BoxSettings = BoxSettings()
