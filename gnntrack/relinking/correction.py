"""One correction of identities, computed in two halves, so that no frame takes much longer than the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.packed_weights import Weights
from gnntrack.association.usefulness import Usefulness
from gnntrack.relinking.decision import choose
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.naming import elected, find, settled_late
from gnntrack.relinking.scoring import mean_logits, weighed
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.relinking.settling import open_heads, settle
from gnntrack.relinking.surroundings import Surroundings
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.relinking.window import WINDOW_COLUMNS, KnownTracks, split
from gnntrack.sequence import View


@dataclass(frozen=True)
class Correcting:
    """How identities are corrected.

    Attributes:
        shape: of the network.
        members: its weights.
        threshold: probability above which two tracklets are linked.
        margin: how much more probable a link must be than the others of its two tracklets.
        lag: frames that are not reported yet.
        view: of the video.
    """

    shape: TrackletNetworkSettings
    members: tuple[Weights, ...]
    threshold: float
    margin: float
    lag: int
    view: View


class Corrected(NamedTuple):
    """What a correction has found.

    Attributes:
        decided: ``(2, L)`` links between tracklets, as their keys.
        shown: ``(K,)`` the identities that known tracks show from now on.
        settled: ``(N,)`` the identities of the boxes of the window; without a lag, of none.
    """

    decided: np.ndarray
    shown: np.ndarray
    settled: np.ndarray


class Correction:
    """Links the tracklets of a window: cuts them and finds the candidates at once, asks the network later.

    Args:
        rows: ``(N, ≥ WINDOW_COLUMNS)`` of the window.
        known: K tracks.
        decided: ``(2, L)`` links that were decided before, as the keys of their tracklets.
        frame: now.
        how: settings.
        usefulness: of embeddings; learns. None: they are not looked at.
    """

    def __init__(
        self,
        rows: np.ndarray,
        known: KnownTracks,
        decided: np.ndarray,
        frame: int,
        how: Correcting,
        usefulness: Usefulness | None,
    ) -> None:
        self._how, self._known = how, known
        detections, track, probability, clear, relative, groups, self._shown = split(rows)
        if rows.shape[1] > WINDOW_COLUMNS:
            detections = np.concatenate([detections, rows[:, WINDOW_COLUMNS:]], axis=1)
        reach = how.shape.reach.frames(how.view.frame_rate)
        self._tracklets = tracklets = find_tracklets(
            detections,
            track,
            probability,
            Surroundings(clear, relative),
            groups=groups,
            open_heads=open_heads(frame),
            reach=reach,
        )
        self._key = (tracklets.track << 32) + tracklets.head.frame.astype(np.int64)  # ascending
        links = find(self._key, decided)
        links = links[:, (links >= 0).all(0)]
        settled = settle(tracklets, links, frame)
        self._links = links[:, settled.head[links[1]]]
        graph, self._candidates = tracklet_graph(
            tracklets, how.view, how.shape.online_candidates, reach, settled, how.shape.appearance
        )
        self._graph = weighed(how.members, graph, usefulness)

    def finish(self, rows: np.ndarray) -> Corrected:
        """The second half.

        Args:
            rows: of the window; the same boxes, with the identities that they have shown since.
        """
        how, tracklets = self._how, self._tracklets
        chosen = choose(self._candidates, mean_logits(how.members, self._graph), how.threshold, margin=how.margin)
        links = np.concatenate([self._links, chosen], axis=1)
        shown, identity = elected(tracklets, links, self._shown, self._known)
        settled = settled_late(rows, tracklets.of, identity, how.lag) if how.lag else np.zeros(0)
        return Corrected(self._key[links], shown, settled)
