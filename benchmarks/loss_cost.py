"""What the UniTrack loss costs: time and memory, by size, by part, and beside a training step of the default model.

    python benchmarks/loss_cost.py

Milliseconds are medians of repeats of forward + backward on one thread (also the fastest, in the JSON), in processor
time, so that other programs hardly count; memory is the peak of what is allocated above the start. Writes
benchmarks/results/loss_cost.json and .md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from loss_sets import synthetic_video
from result_pages import write_page
from torch import Tensor
from torch.profiler import profile
from torch_geometric.data import Batch, Data

from gnntrack import recipes
from gnntrack.files import write_text
from gnntrack.losses import SoftmaxLinkLoss, UniTrackLoss, build_loss, link_graph, softmax_flows
from gnntrack.losses.plug_in.clips import clip_graph
from gnntrack.models import ModelRecipe, build_model
from gnntrack.training.windows import WindowDataset

SIZES = ((20, 5), (100, 5), (150, 8), (500, 8), (2000, 5))


def crowd(objects: int, frames: int) -> Data:
    """A window of wandering objects at constant density, ten candidates a node."""
    torch.manual_seed(0)
    width = 120.0 * objects**0.5
    speed = 4 * torch.randn(1, 1, objects, 2)
    place = torch.rand(1, 1, objects, 2) * width + speed * torch.arange(frames).reshape(1, -1, 1, 1)
    place = place + 2 * torch.randn(1, frames, objects, 2)
    height = 60 + 20 * torch.rand(1, 1, objects, 1).expand(1, frames, objects, 1)
    identity = torch.arange(objects).expand(1, frames, objects)
    keep = torch.ones(1, frames, objects, dtype=torch.bool)
    boxes = torch.cat([place, 0.4 * height, height], -1)
    return clip_graph(boxes, torch.arange(frames) / 25.0, identity, keep, neighbours=10).data


def timed(run: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Median and fastest in milliseconds."""
    run()
    run()
    taken: list[float] = []
    end = time.process_time() + seconds
    while time.process_time() < end or len(taken) < 5:
        began = time.process_time()
        run()
        taken.append(1000 * (time.process_time() - began))
    return median(taken), min(taken)


def mean_time(run: Callable[[], object], calls: int) -> float:
    """Mean of so many calls in milliseconds."""
    began = time.process_time()
    for _ in range(calls):
        run()
    return 1000 * (time.process_time() - began) / calls


def peak_memory(run: Callable[[], object]) -> float:
    """MB allocated at the peak of a run above what was there before."""
    run()
    with profile(profile_memory=True) as record:
        run()
    events = [event for event in record.profiler.kineto_results.events() if event.name() == "[memory]"]
    level = highest = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        level += event.nbytes()
        highest = max(highest, level)
    return highest / 1e6


def parts_of(data: Data) -> dict[str, Callable[[], object]]:
    """Forward and backward of the whole loss and of each part alone."""
    logits = torch.randn(data.edge_index.shape[1], requires_grad=True)
    default, fixed = UniTrackLoss(), UniTrackLoss(weighting="fixed")
    graph = link_graph(logits, data)

    def flow() -> Tensor:
        return softmax_flows(logits, graph.source, graph.target, graph.nodes)

    given = flow().detach().requires_grad_()
    one = torch.ones_like(given)
    return {
        "whole": lambda: default(logits, data).total.backward(),
        "whole, fixed λ": lambda: fixed(logits, data).total.backward(),
        "link loss": lambda: SoftmaxLinkLoss()(logits, data).total.backward(),
        "checks": lambda: link_graph(logits, data),
        "flows": lambda: flow().sum().backward(),
        **{
            term.name: (lambda term=term: term(graph, given, one).sum().backward())  # type: ignore[misc]
            for term in default.terms
        },
        "λ": lambda: default.weighting(graph, given),
    }


def training_step(objects: int, seconds: float) -> dict[str, float]:
    """A step of the default model (its recipe's batch and windows), and the share of what UniTrack adds to it."""
    recipe = recipes.load("models", "mpn", ModelRecipe)
    windows = WindowDataset([synthetic_video(objects, 80, 0)], recipe.graph)
    batch = Batch.from_data_list(
        [windows[0, number] for number in range(min(recipe.stages[0].batch_size, len(windows)))]
    )
    model = build_model(recipe)
    optimiser = torch.optim.AdamW(model.parameters())
    both, link = build_loss("unitrack"), SoftmaxLinkLoss()

    def step(loss: torch.nn.Module) -> Callable[[], None]:
        def run() -> None:
            optimiser.zero_grad()
            loss(model(batch), batch).total.backward()
            optimiser.step()

        return run

    logits = model(batch).detach().requires_grad_()
    every = both.unitrack.weighting.every  # calls of a cycle, in which λ is computed once
    # by turns, so that all see the same machine
    cycles = [
        (
            mean_time(step(both), every),
            mean_time(lambda: both(logits, batch).total.backward(), every),
            mean_time(lambda: link(logits, batch).total.backward(), every),
        )
        for _ in range(max(3, int(seconds * 8)))
    ]
    whole, sum_loss, link_loss = (median(side) for side in zip(*cycles, strict=True))
    memory, without = peak_memory(step(both)), peak_memory(step(link))
    return {
        "objects": objects,
        "nodes": len(batch.x),
        "links": batch.edge_index.shape[1],
        "step_ms": whole,
        "both_losses_ms": sum_loss,
        "link_loss_ms": link_loss,
        "time_share": median((with_it - without_it) / all_ for all_, with_it, without_it in cycles),
        "step_mb": memory,
        "step_without_unitrack_mb": without,
        "memory_share": memory / without - 1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="measuring time per figure (default 2)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows: list[dict[str, float | str]] = []
    for objects, frames in SIZES:
        data = crowd(objects, frames)
        row: dict[str, float | str] = {"size": f"{objects}×{frames}", "links": data.edge_index.shape[1]}
        for name, run in parts_of(data).items():
            row[name], row[f"{name}, fastest"] = timed(run, options.seconds if name == "whole" else options.seconds / 4)
        row["peak MB"] = peak_memory(parts_of(data)["whole"])
        row["fastest µs per link"] = 1000 * float(row["whole, fastest"]) / int(row["links"])
        rows.append(row)
        print({key: value if isinstance(value, str) else round(value, 3) for key, value in row.items()}, flush=True)
    steps = [training_step(objects, 3 * options.seconds) for objects in (10, 25)]
    for step in steps:
        print({key: round(value, 4) for key, value in step.items()}, flush=True)
    write(rows, steps)


def write(rows: list[dict[str, float | str]], steps: list[dict[str, float]]) -> None:
    folder = Path(__file__).parent / "results"
    write_text(folder / "loss_cost.json", json.dumps({"sizes": rows, "training_steps": steps}, indent=1) + "\n")
    shown = ("whole, fastest", "λ, fastest")
    columns = [key for key in rows[0] if key in shown or not key.endswith(", fastest")]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row in rows:
        cells = [value if isinstance(value, str) else f"{value:.4g}" for value in (row[key] for key in columns)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "Milliseconds of processor time, forward + backward, median, one thread.", ""]
    lines += [f"| {' | '.join(steps[0])} |", "|---" * len(steps[0]) + "|"]
    lines += [f"| {' | '.join(f'{value:.4g}' for value in step.values())} |" for step in steps]
    write_page(folder / "loss_cost.md", "\n".join(lines))


if __name__ == "__main__":
    main()
