"""The matching of predictions to objects against all that are possible."""

from __future__ import annotations

from itertools import permutations

import torch
from torch import Tensor

from gnntrack.losses import UniTrackCriterion
from gnntrack.losses.plug_in.matching import match_frame


def cost(box: list[float], score: float, wanted: list[float]) -> float:
    """DETR's: 5 times the L1 distance, less 2 times the generalised IoU, less the score."""
    sides = []
    for x, y, w, h in (box, wanted):
        sides.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    (a, b, c, d), (e, f, g, i) = sides
    shared = max(min(c, g) - max(a, e), 0.0) * max(min(d, i) - max(b, f), 0.0)
    union = box[2] * box[3] + wanted[2] * wanted[3] - shared
    hull = (max(c, g) - min(a, e)) * (max(d, i) - min(b, f))
    giou = shared / union - (hull - union) / hull
    return 5 * sum(abs(u - v) for u, v in zip(box, wanted, strict=True)) - 2 * giou - score


def boxes(count: int, generator: torch.Generator) -> Tensor:
    return 0.3 + 0.25 * torch.rand(count, 4, generator=generator, dtype=torch.float64)


def test_the_cheapest_of_all_assignments() -> None:
    """Sixty frames of four predictions and three objects in a heap, where distance, overlap and score disagree."""
    for seed in range(60):
        generator = torch.Generator().manual_seed(seed)
        predicted, wanted = boxes(4, generator), boxes(3, generator)
        score = torch.rand(4, generator=generator, dtype=torch.float64)
        row, column = match_frame(predicted, score, wanted)
        table = [
            [cost(box, float(sure), target) for target in wanted.tolist()]
            for box, sure in zip(predicted.tolist(), score, strict=True)
        ]
        best = min(permutations(range(4), 3), key=lambda rows: sum(table[r][c] for c, r in enumerate(rows)))
        found = dict(zip(column.tolist(), row.tolist(), strict=True))
        assert tuple(found[place] for place in range(3)) == best, seed


def test_the_weights_of_the_losses() -> None:
    assert UniTrackCriterion().weight_dict == {"loss_link": 1.0, "loss_unitrack": 1.0}
    assert UniTrackCriterion(own_link_loss=True).weight_dict == {"loss_unitrack": 1.0}
