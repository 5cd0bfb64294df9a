"""One correction of identities, computed in two halves, so that no frame takes much longer than the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import COLUMNS
from gnntrack.association.packed_weights import Weights
from gnntrack.association.usefulness import Usefulness
from gnntrack.relinking.compiled_correction import Prepared, prepared
from gnntrack.relinking.decision import choose
from gnntrack.relinking.graph import as_graph
from gnntrack.relinking.naming import elected, settled_late
from gnntrack.relinking.scoring import logits, mean, weighed
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.relinking.settling import open_heads
from gnntrack.relinking.tracklets import appearance_of
from gnntrack.relinking.window import WINDOW_COLUMNS, KnownTracks
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
    """Links the tracklets of a window: cuts them and asks a part of the network at once, the rest later.

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
        about = how.shape.online_candidates, how.shape.reach.frames(how.view.frame_rate), float(how.view.frame_rate)
        self._prepared = made = Prepared(
            *prepared(rows, np.ascontiguousarray(decided), float(open_heads(frame)), *about)
        )
        seen = rows[:, :COLUMNS]
        if rows.shape[1] > WINDOW_COLUMNS:
            seen = np.concatenate([seen, rows[:, WINDOW_COLUMNS:]], axis=1)
        embeddings, nodes = appearance_of(seen, made.chosen, made.edges), (made.tails, made.heads)
        graph = as_graph(embeddings, *nodes, made.ends, made.past, made.future, made.pairs, how.shape.appearance)
        self._graph = weighed(how.members, graph, usefulness)
        # to look at boxes alone is half of the work, too
        at_once = how.members[: len(how.members) // 2] if self._graph is graph else ()
        self._scored = [logits(member, graph) for member in at_once]

    def finish(self, rows: np.ndarray) -> Corrected:
        """The second half.

        Args:
            rows: of the window; the same boxes, with the identities that they have shown since.
        """
        how, made = self._how, self._prepared
        left = how.members[len(self._scored) :]
        logit = mean([*self._scored, *(logits(member, self._graph) for member in left)])
        chosen = choose(made.candidates, logit, how.threshold, margin=how.margin)
        links = np.concatenate([made.links, chosen], axis=1)
        shown, identity = elected(made.of, made.track, links, made.shown, self._known)
        settled = settled_late(rows, made.of, identity, how.lag) if how.lag else np.zeros(0)
        return Corrected(made.key[links], shown, settled)
