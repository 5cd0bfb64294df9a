"""What losses remember from step to step is remembered of whole batches, whatever part of them a process had."""

from __future__ import annotations

import numpy as np
import torch

from gnntrack.losses.weighting.weights import LaplacianWeighting
from gnntrack.training.ranks import Ranks
from gnntrack.training.stage import Stage


def agree(stage: Stage, ranks: Ranks) -> None:
    """Lets all processes remember the same means of λ and σ₂: over all graphs of the step, not over their own."""
    if ranks.alone:
        return
    for weighting in (part for part in stage.modules() if isinstance(part, LaplacianWeighting)):
        remembered = torch.cat([weighting.running[None], weighting.held]).cpu().numpy()
        # the first process has a graph if one has: its calls count
        mine = [*weighting.seen * np.nan_to_num(remembered), weighting.seen, int(weighting.calls) * ranks.main]
        *sums, graphs, calls = ranks.sums(mine).tolist()
        if graphs:
            running, *held = (total / graphs for total in sums)
            weighting.running.fill_(running)
            weighting.held.copy_(torch.tensor(held))
        weighting.calls.fill_(int(calls))
        weighting.seen = 0
