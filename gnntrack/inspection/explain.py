"""Why a box was linked as it was: the chosen link, its rivals, and what each would have cost."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.errors import DataError, DataWarning
from gnntrack.graphs import slice_window
from gnntrack.inspection.explanation import Difference, Explanation, Link, Side
from gnntrack.inspection.feature_names import link_names
from gnntrack.inspection.tracks import chosen_links, nodes_of
from gnntrack.sequence import Sequence

#: Anything called like a loss: ``loss(logits, data)`` with ``parts`` and, if it has any, ``terms`` with weights.
Loss = Callable[[Tensor, Data], Any]
MOST_RIVALS = 6
_SURE = 12.0  # the logit of a link that is taken for certain


def explain(
    graph: Data, tracks: Sequence, frame: int, track: int, loss: Loss | None = None, window: int = 16
) -> Explanation:
    """Explains the links of one box of a track.

    Args:
        graph: of the whole sequence, with ``score`` (:func:`gnntrack.inspection.sources.scored_graph`).
        tracks: the result that was made of it.
        frame: number of the frame.
        track: identity in ``tracks``.
        loss: with it, every rival says how each of the loss's terms would change if it were chosen instead.
        window: frames around the box in which the loss is computed.

    Raises:
        DataError: the track has no box in that frame, or the graph has no scores.
    """
    if "score" not in graph:
        raise DataError("the graph is not scored", remedy="give weights")
    node, track_of, chosen = _place(graph, tracks, frame, track)
    scene = _Scene(graph, node, track_of, chosen, loss, window)
    conf, identity = float(graph.conf[node]), int(graph.identity[node]) if "identity" in graph else None
    x, y, w, h = graph.box[node].tolist()
    into, out = scene.side(0), scene.side(1)
    return Explanation(tracks.name, frame, track, (x, y, w, h), conf, identity, into, out)


def _place(graph: Data, tracks: Sequence, frame: int, track: int) -> tuple[int, np.ndarray, np.ndarray]:
    """The box's node, the track of every node (−1: none), and which candidate links the tracker chose."""
    identity = tracks.boxes["id"].to_numpy()
    rows = np.flatnonzero((tracks.frames == frame) & (identity == track))
    if not len(rows):
        there = identity[tracks.rows_of(frame)]
        near = tracks.frames[identity == track]
        hint = (
            f"track {track} has frames {near.min()} to {near.max()}"
            if len(near)
            else f"tracks there: {sorted(there.tolist())}"
        )
        raise DataError(f"{tracks.name}: no box of track {track} in frame {frame}", remedy=hint)
    node = int(nodes_of(tracks, graph)[rows[0]])
    if node < 0:
        remedy = (
            "the box was interpolated, or made from other detections: choose a frame in which the object was detected, "
            "or name the tracker's detections"
        )
        raise DataError(f"{tracks.name}: track {track} has no detection in frame {frame}", remedy=remedy)
    return node, *chosen_links(tracks, graph)


class _Scene:
    """What the explanation of one box needs to know of its surroundings."""

    def __init__(
        self,
        graph: Data,
        node: int,
        track_of: np.ndarray,
        chosen: np.ndarray,
        loss: Loss | None,
        window: int,
    ) -> None:
        self.graph, self.node, self.track_of, self.chosen, self.loss = graph, node, track_of, chosen, loss
        self.edges, self.frame = graph.edge_index.numpy(), graph.frame.numpy()
        self.features, self.names = graph.edge_attr.numpy(), link_names(graph)
        here = int(self.frame[node])
        reach = int((self.frame[self.edges[1]] - self.frame[self.edges[0]]).max(initial=1))
        self.first, self.last = here - max(window, reach), here + max(window, reach)
        near = (self.frame[self.edges[0]] >= self.first) & (self.frame[self.edges[1]] <= self.last)
        self.near = np.flatnonzero(near)  # links of the surroundings, in the order that slice_window keeps
        self.spread = self.features[self.near].std(0) + 1e-6 if len(self.near) else np.ones(len(self.names))

    def side(self, end: int) -> Side:
        """Links into the box (``end`` 0: the other box is their source), or out of it (1)."""
        own = np.flatnonzero(self.edges[1 - end] == self.node)
        score = self.graph.score.numpy()
        order = own[np.lexsort([-score[own], ~self.chosen[own]])]
        labels = self.graph.edge_label.numpy() > 0.5 if "edge_label" in self.graph else None
        before = self._parts(None) if self.loss is not None else {}
        links = []
        shown = self._shown(order, end)
        for edge in shown:
            other = int(self.edges[end, edge])
            gap = int(self.frame[self.edges[1, edge]] - self.frame[self.edges[0, edge]])
            true = None if labels is None else bool(labels[edge])
            link = Link(
                int(self.frame[other]),
                int(self.track_of[other]),
                gap,
                float(score[edge]),
                bool(self.chosen[edge]),
                true,
            )
            if edge != shown[0]:
                link.differences = self._differences(shown[0], edge)
            if self.loss is not None and not link.chosen:
                after = self._parts(edge)
                link.terms = {name: after[name] - before[name] for name in before}
            links.append(link)
        truth = self._truth(end, own, labels)
        return Side(links, len(own), truth, _verdict(links, end))

    def _shown(self, order: np.ndarray, end: int) -> list[int]:
        """The chosen and the true link, and the best of every track: its other links say the same again."""
        others = self.track_of[self.edges[end, order]]
        first = np.zeros(len(order), dtype=bool)
        first[np.unique(others, return_index=True)[1]] = True
        first |= (others < 0) | self.chosen[order]
        rivals = order[first][: MOST_RIVALS + 1].tolist()
        true = order[self.graph.edge_label.numpy()[order] > 0.5].tolist() if "edge_label" in self.graph else []
        return rivals + [edge for edge in true if edge not in rivals]

    def _differences(self, base: int, rival: int) -> list[Difference]:
        spread = (self.features[rival] - self.features[base]) / self.spread
        top = np.argsort(-np.abs(spread))[:3]
        return [
            Difference(self.names[i], float(self.features[base, i]), float(self.features[rival, i]), float(spread[i]))
            for i in top
        ]

    def _parts(self, instead: int | None) -> dict[str, float]:
        """The loss's terms, weighted, for the tracker's links, or with one link in place of those it excludes."""
        assert self.loss is not None
        taken = self.chosen.copy()
        if instead is not None:
            clash = (self.edges[0] == self.edges[0, instead]) | (self.edges[1] == self.edges[1, instead])
            taken[clash] = False
            taken[instead] = True
        part = slice_window(self.graph, self.first, self.last)
        logits = torch.where(torch.from_numpy(taken[self.near]), _SURE, -_SURE).float()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # without labels some terms are silent, as they must be
            output = self.loss(logits, part)
        weights = {term.name: term for term in _terms(self.loss)}
        parts = {name: output.parts[name] for name in weights if name in output.parts}
        shares = {name: output.parts.get(f"lambda_{term.share}", 1.0) for name, term in weights.items()}
        weighted = {name: weights[name].weight * shares[name] * value for name, value in parts.items()}
        return weighted | {"total": float(output.total)}

    def _truth(self, end: int, own: np.ndarray, labels: np.ndarray | None) -> str:
        """What the ground truth says of this side, in a sentence."""
        if labels is None or "identity" not in self.graph:
            return "no ground truth"
        identity = self.graph.identity.numpy()
        mine = identity[self.node]
        if mine < 0:
            return "the box lies on no annotated object, so it should have no link"
        same = np.flatnonzero(identity == mine)
        here = self.frame[self.node]
        others = same[self.frame[same] < here] if end == 0 else same[self.frame[same] > here]
        if not len(others):
            return f"object {mine} has no {'earlier' if end == 0 else 'later'} detection, so there should be no link"
        other = int(others[-1] if end == 0 else others[0])
        gap = abs(int(here - self.frame[other]))
        which = "previous" if end == 0 else "next"
        where = f"object {mine}'s {which} detection is in frame {self.frame[other]} (gap {gap})"
        if labels[own].any():
            right = own[labels[own]][0]
            return f"{where}: " + ("the chosen link is right" if self.chosen[right] else "that link was not chosen")
        return f"{where}, which is not among the candidates"


def _terms(loss: Any) -> list[Any]:
    """The UniTrack terms of a loss, or of the losses that it adds up."""
    if hasattr(loss, "terms"):
        return list(loss.terms)
    return [term for part in getattr(loss, "children", list)() for term in _terms(part)]


def _verdict(links: list[Link], end: int) -> str:
    """The choice in a sentence."""
    if not links:
        return "no candidate link"
    chosen, rivals = (links[0], links[1:]) if links[0].chosen else (None, links)
    side = "from" if end == 0 else "to"
    text = (
        "no link was chosen" if chosen is None else f"linked {side} frame {chosen.frame} with score {chosen.score:.2f}"
    )
    if not rivals:
        return f"{text}; there was no rival"
    best = max(rivals, key=lambda link: link.score)
    return f"{text}; best rival: {side} frame {best.frame} ({_name(best.track)}) with score {best.score:.2f}"


def _name(track: int) -> str:
    return f"track {track}" if track >= 0 else "no track"
