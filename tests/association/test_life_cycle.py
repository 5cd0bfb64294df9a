"""When tracks count, and when they are forgotten: frame by frame, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.durations import Duration
from gnntrack.sequence import View

NONE = np.zeros(0, dtype=np.int64)


def pool(links: LinkSettings | None = None, **births: object) -> TrackPool:
    view = View(640, 480, 25.0)
    return TrackPool(BirthSettings(**births), links or LinkSettings(), view, LinkNetworkSettings())  # type: ignore[arg-type]


def follow(subject: TrackPool, sure: list[bool]) -> list[int]:
    """One object, frame by frame, some of its detections sure: the ids that it shows."""
    shown = []
    for frame, certain in enumerate(sure, 1):
        detections = np.array([[50.0 + frame, 50, 20, 40, frame, 0.9]])
        linked, born = (NONE, np.array([0])) if frame == 1 else (np.array([0]), NONE)
        ids = subject.commit(frame, detections, np.array([frame]), linked, linked, born, np.array([certain]))
        shown.append(int(ids[0]))
    return shown


@pytest.mark.parametrize(
    ("sure", "shown"),
    [
        ([True, True, True, True, True], [-1, 1, 1, 1, 1]),
        ([False, False, False, False, False], [-1, -1, -1, 1, 1]),
        # one sure detection is enough, and what came before counts
        ([False, True, False, False, False], [-1, 1, 1, 1, 1]),
        ([False, False, True, False, False], [-1, -1, 1, 1, 1]),
        # who was sure once needs no more than that, whatever comes after
        ([True, False, False, False, False], [-1, 1, 1, 1, 1]),
    ],
)
def test_the_least_that_any_detection_needs_counts(sure: list[bool], shown: list[int]) -> None:
    """Two detections where one is sure, four where none is."""
    assert follow(pool(confirm=2, trial_confirm=4), sure) == shown


def test_one_detection_may_be_enough() -> None:
    assert follow(pool(confirm=1, trial_confirm=3), [True, False]) == [1, 1]


@pytest.mark.parametrize(("confirm", "frames"), [(2, 3), (1, 5)])
@pytest.mark.parametrize(
    ("patience", "memory"),
    [(Duration(2, "frames"), Duration(4, "frames")), (Duration(0.08), Duration(0.16))],  # 25 frames a second
)
def test_lost_tracks_are_kept_as_long_as_is_said(
    patience: Duration, memory: Duration, confirm: int, frames: int
) -> None:
    """Seen in frame 1: tentative tracks are there until frame 1 + patience, others until 1 + memory."""
    subject = pool(LinkSettings(memory=memory), confirm=confirm, patience=patience)
    follow(subject, [True])
    alive = []
    for frame in range(2, 8):
        subject.commit(frame, np.zeros((0, 6)), NONE, NONE, NONE, NONE)
        if len(subject):
            alive.append(frame)
    assert alive == list(range(2, frames + 1))


def test_ids_go_on_and_handles_are_the_newest() -> None:
    subject = pool(confirm=1)
    first = np.array([[50.0, 50, 20, 40, 1, 0.9], [150.0, 50, 20, 40, 1, 0.9]])
    assert subject.commit(1, first, np.array([7, 8]), NONE, NONE, np.array([0, 1])).tolist() == [1, 2]
    second = np.array([[151.0, 50, 20, 40, 2, 0.9], [300.0, 50, 20, 40, 2, 0.9]])
    ids = subject.commit(2, second, np.array([20, 21]), np.array([1]), np.array([0]), np.array([1]))
    assert ids.tolist() == [2, 3]
    assert subject.last_detection.tolist() == [7, 20, 21]
    assert subject.needed.tolist() == [1, 1, 1] and subject.histories.count.tolist() == [1, 2, 1]
