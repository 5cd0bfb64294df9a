"""Where a loss pulls: the gradient at a sure swap, and which links free descent arrives at.

    python benchmarks/loss_gradients.py

Pull: two tracks that a model changes over in two frames, sure of it; the least force on a true link. Free descent: the
logits of 20 crossing scenes (loss_ranking.py) themselves go down the loss from noise, 100 steps of Adam; F1 of the
links whose flow then exceeds one half. Writes results/loss_gradients.json and .md; half a minute.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from loss_ranking import crossing_scenes
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.files import write_text
from gnntrack.losses import BceLinkLoss, FocalLinkLoss, SoftmaxLinkLoss, UniTrackLoss, softmax_flows, true_links
from gnntrack.losses.presets import TERM_NAMES, preset_terms

RESULTS = Path(__file__).parent / "results" / "loss_gradients.json"
STRENGTHS = (2.0, 4.0, 8.0)
SCENES, STEPS, RATE = 20, 100, 0.3


def swapped(strength: float, frames: int = 5) -> tuple[Data, Tensor]:
    """Two tracks that approach each other; a sure model changes them over in the last two steps.

    ::

        frame  1     2     3     4     5
        A      0 --> 2 --> 4 .. ·6 --> 8     4 goes on as 7, 5 as 6; and back: 6 as 9, 7 as 8
        B      1 --> 3 --> 5 ·· ·7 --> 9
    """
    edges, logits = [], []
    for step in range(frames - 1):
        for a in (0, 1):
            for b in (0, 1):
                edges.append([2 * step + a, 2 * step + 2 + b])
                logits.append(strength if (a == b) == (step < frames - 3) else -strength)
    place = [[30.0 * step, 40.0 * track + (10 - 20 * track) * step] for step in range(frames) for track in (0, 1)]
    data = Data(
        edge_index=torch.tensor(edges).T,
        pos=torch.tensor(place, dtype=torch.float64),
        box=torch.tensor([[0.0, 0.0, 20.0, 50.0]] * len(place), dtype=torch.float64),
        frame=torch.arange(frames).repeat_interleave(2) + 1,
        identity=torch.arange(2).repeat(frames),
        frame_rate=25.0,
        width=640,
        height=480,
    )
    return data, torch.tensor(logits, dtype=torch.float64, requires_grad=True)


def pull(loss: nn.Module, strength: float) -> float:
    """The least force on a true link of the swap; below 0 the loss pushes it away."""
    data, logits = swapped(strength)
    loss(logits, data).total.backward()
    assert logits.grad is not None
    missed = true_links(data.edge_index, data.identity, data.frame) & (logits.detach() < 0)
    return float((-logits.grad[missed]).min())


def link_f1(loss: nn.Module, data: Data) -> float:
    """F1 of the links with flow above one half after descent from noise, in percent."""
    generator = torch.Generator().manual_seed(0)
    logits = 0.1 * torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=generator)
    logits.requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss(logits, data).total.backward()
        optimiser.step()
    flow = softmax_flows(logits.detach(), *data.edge_index, data.num_nodes)
    label = true_links(data.edge_index, data.identity, data.frame, data.batch)
    return 200 * float(((flow > 0.5) & label).sum()) / float((flow > 0.5).sum() + label.sum())


def losses() -> dict[str, nn.Module]:
    """Plain link losses, the presets, and each of their terms alone."""
    found: dict[str, nn.Module] = {"softmax": SoftmaxLinkLoss(), "bce": BceLinkLoss(), "focal": FocalLinkLoss()}
    for preset in ("default", "log", "paper"):
        found[preset] = UniTrackLoss(preset=preset)  # type: ignore[arg-type]
        for term in preset_terms(preset):  # type: ignore[arg-type]
            if term.name in TERM_NAMES or term.name == "path":
                term.weight = 1.0
                found[f"{preset}, {term.name} alone"] = UniTrackLoss([term], preset=preset)  # type: ignore[arg-type]
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    torch.set_num_threads(1)
    scenes = crossing_scenes(0, SCENES)
    rows = {}
    for name, loss in losses().items():
        rows[name] = {f"pull at ±{strength:g}": pull(loss, strength) for strength in STRENGTHS}
        rows[name]["free descent, link F1"] = link_f1(loss, scenes)
        print(name, rows[name], flush=True)
    write_text(RESULTS, json.dumps(rows, indent=1) + "\n")
    write_text(RESULTS.with_suffix(".md"), report(rows) + "\n")


def report(rows: dict[str, dict[str, float]]) -> str:
    """The table; pulls relative to the softmax link loss's at the same logits."""
    columns = list(rows["softmax"])
    lines = ["`python benchmarks/loss_gradients.py`; pulls as a share of the softmax link loss's.", ""]
    lines += [f"| loss | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        shares = [f"{row[column] / rows['softmax'][column]:.2g}" for column in columns[:-1]]
        lines.append(f"| {name} | {' | '.join(shares)} | {row[columns[-1]]:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
