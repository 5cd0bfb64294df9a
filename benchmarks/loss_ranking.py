"""Does the loss rank errors? Compares true associations of random scenes with corruptions of them.

    python benchmarks/loss_ranking.py

A scene is a window of five frames in which pairs of objects cross, one detection in ten is missed (so that true links
skip a frame) and some detections are false. An association is given as logits: +S on the links that are chosen, −S on
all other candidates (S = 6, or 2 for a hesitant model). The true association is compared with four corruptions of it,
one at a time:

    swap      two objects that are near each other exchange their successors
    cut       one true link is missing
    spurious  one wrong link is chosen besides the true ones
    fragment  a detection inside a track drops out: both its links are missing, and a candidate that leads past it,
              where there is one, is chosen

A corruption is ranked right if its loss is higher than that of the truth. Prints the shares of each kind for several
settings and writes them to benchmarks/results/loss_ranking.json and .md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from result_pages import write_page
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.files import write_text
from gnntrack.losses import UniTrackLoss, link_graph
from gnntrack.losses.plug_in.clips import clip_graph

KINDS = ("swap", "cut", "spurious", "fragment")
CONFIDENT, HESITANT = 6.0, 2.0
FRAMES, FRAME_RATE = 5, 25.0


def crossing_scenes(seed: int, count: int, objects: int = 10) -> Data:
    """A batch of scenes; objects 2k and 2k + 1 cross in the window; the last two slots are false positives."""
    rng = np.random.default_rng(seed)
    time = np.arange(FRAMES)[None, :, None, None]
    speed = rng.normal(0, 8, (count, 1, objects, 2))
    meeting = rng.uniform([0, 0], [640, 360], (count, 1, objects // 2, 2)).repeat(2, axis=2)
    meeting = meeting + rng.normal(0, 6, (count, 1, objects, 2))
    moment = rng.uniform(0.5, FRAMES - 1.5, (count, 1, objects // 2, 1)).repeat(2, axis=2)
    turn = rng.normal(0, 0.7, (count, 1, objects, 2))
    place = meeting + speed * (time - moment) + 0.5 * turn * (time - moment) ** 2
    place = place + rng.normal(0, 1, place.shape)
    height = rng.uniform(50, 90, (count, 1, objects, 1)) * rng.normal(1, 0.02, (count, FRAMES, objects, 1))
    boxes = np.concatenate([place, 0.4 * height, height], -1)
    identity = np.broadcast_to(np.arange(objects), (count, FRAMES, objects)).copy()
    identity[:, :, -2:] = -1
    boxes[:, :, -2:, :2] = rng.uniform([0, 0], [640, 360], (count, FRAMES, 2, 2))
    keep = rng.random((count, FRAMES, objects)) > 0.1
    graph = clip_graph(
        torch.from_numpy(boxes),
        torch.arange(FRAMES, dtype=torch.float64) / FRAME_RATE,
        torch.from_numpy(identity),
        torch.from_numpy(keep),
        neighbours=6,
        max_gap=2,
    ).data
    graph.width, graph.height = 640, 360
    return graph


def corrupt(kind: str, data: Data, label: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Chosen links of every graph, with one corruption of this kind in each; None: no graph could be corrupted."""
    edges, graph = data.edge_index.numpy(), data.batch.numpy()[data.edge_index[0].numpy()]
    chosen = label.copy()
    done = np.zeros(data.num_graphs, dtype=bool)
    position = data.pos.numpy()
    link = {(int(source), int(target)): number for number, (source, target) in enumerate(edges.T)}
    after = {int(edges[0, number]): int(number) for number in np.flatnonzero(label)}
    order = rng.permutation(len(label))
    if kind == "swap":
        true = np.flatnonzero(label)
        pairs = []
        for number, first in enumerate(true):
            others = true[number + 1 :]
            others = others[graph[others] == graph[first]]
            pairs += [(first, second) for second in others]
        gap = [np.linalg.norm(position[edges[0, a]] - position[edges[0, b]]) for a, b in pairs]
        for place in np.argsort(gap, kind="stable"):
            first, second = pairs[place]
            crossed = [link.get((edges[0, a], edges[1, b])) for a, b in ((first, second), (second, first))]
            if not done[graph[first]] and None not in crossed and not label[crossed].any():
                chosen[[first, second]], chosen[crossed], done[graph[first]] = False, True, True
    for number in order:
        if done[graph[number]] or label[number] == (kind == "spurious"):
            continue
        if kind in ("cut", "spurious"):
            chosen[number] = kind == "spurious"
        elif kind == "fragment":
            follower = after.get(int(edges[1, number]))
            if follower is None:
                continue
            chosen[[number, follower]] = False
            around = link.get((int(edges[0, number]), int(edges[1, follower])))
            if around is not None:
                chosen[around] = True
        else:
            continue
        done[graph[number]] = True
    return np.where(done[graph], chosen, label) if done.any() else None


def logits_of(chosen: np.ndarray, strength: float) -> Tensor:
    """+strength on chosen links, −strength on the others."""
    return strength * (2.0 * torch.from_numpy(chosen).double() - 1)


def rank(
    loss: UniTrackLoss, scenes: int, seed: int = 0, strength: float = CONFIDENT, batch: int = 100
) -> dict[str, tuple[int, int]]:
    """How many corruptions of each kind cost more than the truth, and how many there were."""
    rng = np.random.default_rng(seed)
    result = dict.fromkeys(KINDS, (0, 0))
    for first in range(0, scenes, batch):
        data = crossing_scenes(seed + first, min(batch, scenes - first))
        graph = link_graph(torch.zeros(data.edge_index.shape[1], dtype=torch.float64), data)
        label = graph.label.numpy() > 0.5
        with torch.no_grad():
            truth, _ = loss.per_graph(logits_of(label, strength), graph)
            for kind in KINDS:
                chosen = corrupt(kind, data, label, rng)
                if chosen is None:
                    continue
                value, _ = loss.per_graph(logits_of(chosen, strength), graph)
                changed = graph.sum_links(torch.from_numpy(chosen != label).double()) > 0
                right, count = result[kind]
                result[kind] = right + int((value > truth)[changed].sum()), count + int(changed.sum())
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=2510, help="scenes; four corruptions each (default 2510)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    losses = {
        "default": UniTrackLoss(),
        "log": UniTrackLoss(preset="log"),
        "log, hesitant": UniTrackLoss(preset="log"),
        "log with path": UniTrackLoss({"path": 1.0}, preset="log"),
        "paper": UniTrackLoss(preset="paper"),
        "default, hesitant": UniTrackLoss(),
        "paper, hesitant": UniTrackLoss(preset="paper"),
        "default, fixed λ": UniTrackLoss(weighting="fixed"),
        "default, hard counts": UniTrackLoss(counts="hard"),
        "default, Sinkhorn flows": UniTrackLoss(flows="sinkhorn"),
    }
    for term in ("flow", "spatial", "temporal", "conservation"):
        losses[f"default without {term}"] = UniTrackLoss(terms={term: 0.0})
    table = {}
    for name, loss in losses.items():
        strength = HESITANT if "hesitant" in name else CONFIDENT
        table[name] = rank(loss, options.scenes, options.seed, strength)
        right, count = (sum(pair[place] for pair in table[name].values()) for place in (0, 1))
        shares = ", ".join(f"{kind} {100 * good / max(total, 1):.2f} %" for kind, (good, total) in table[name].items())
        print(
            f"{name}: {100 * right / count:.2f} % of {count} corruptions cost more than the truth ({shares})",
            flush=True,
        )
        write_results(table, options.seed)


def write_results(table: dict[str, dict[str, tuple[int, int]]], seed: int) -> None:
    """The JSON and the table, after every setting."""
    folder = Path(__file__).parent / "results"
    write_text(folder / "loss_ranking.json", json.dumps({"seed": seed, "right_of_total": table}, indent=1) + "\n")
    lines = ["| settings | all | " + " | ".join(KINDS) + " |", "|---" * (len(KINDS) + 2) + "|"]
    for name, row in table.items():
        right, count = (sum(pair[place] for pair in row.values()) for place in (0, 1))
        cells = [f"{100 * good / max(total, 1):.2f} % of {total}" for good, total in row.values()]
        lines.append(f"| {name} | {100 * right / count:.2f} % of {count} | " + " | ".join(cells) + " |")
    write_page(folder / "loss_ranking.md", "\n".join(lines))


if __name__ == "__main__":
    main()
