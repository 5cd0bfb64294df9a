"""Every term under ``torch.compile(fullgraph=True)`` with the inductor backend: same values, how long, how fast.

    python benchmarks/loss_compile.py

Needs a C++ compiler. Each term of both presets, and the whole sum with fixed λ, is compiled without cached results for
fixed and for changing sizes, on flows made from logits, and compared with eager execution: value and gradient, on two
windows of different sizes. "Graphs" counts compilations: for changing sizes one must do for both windows. σ₂ stays
outside: it iterates until it has converged. Writes benchmarks/results/loss_compile.json and .md; ends with 1 where
anything differs by more than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from loss_cost import crowd, timed
from result_pages import write_page
from torch import Tensor
from torch._dynamo.utils import counters

from gnntrack.files import write_text
from gnntrack.losses import LinkGraph, UniTrackLoss, link_graph, softmax_flows
from gnntrack.losses.presets import preset_terms

Part = Callable[[LinkGraph, Tensor], Tensor]
TOLERANCE = 1e-6


def parts() -> dict[str, Part]:
    """What is compiled: functions of a window graph and logits, to ``(G,)``."""

    def alone(term: torch.nn.Module) -> Part:
        def run(graph: LinkGraph, logits: Tensor) -> Tensor:
            flow = softmax_flows(logits, graph.source, graph.target, graph.nodes)
            value: Tensor = term(graph, flow, logits.sigmoid())
            return value

        return run

    chosen = {f"{term.name}, {preset}": alone(term) for preset in ("default", "paper") for term in preset_terms(preset)}
    whole = UniTrackLoss(weighting="fixed")
    return {**chosen, "whole, fixed λ": lambda graph, logits: whole.per_graph(logits, graph)[0]}


def values(run: Part, graph: LinkGraph, logits: Tensor) -> Tensor:
    """Value and gradient, one after the other."""
    value = run(graph, logits)
    return torch.cat([value, *torch.autograd.grad(value.sum(), logits)]).detach()


def check(run: Part, windows: list[tuple[LinkGraph, Tensor]], dynamic: bool) -> dict[str, float]:
    """Compiles for the first window, compares on all; then the times of a call on the last."""
    torch._dynamo.reset()
    counters.clear()
    compiled = torch.compile(run, backend="inductor", fullgraph=True, dynamic=dynamic)
    began = time.perf_counter()
    found = [values(compiled, *windows[0])]
    taken = time.perf_counter() - began
    found += [values(compiled, *window) for window in windows[1:]]
    differences = [
        float((ours - values(run, *window)).abs().max()) for ours, window in zip(found, windows, strict=True)
    ]
    return {
        "compile_s": taken,
        "graphs": counters["stats"]["unique_graphs"],
        "largest_difference": max(differences),
        "eager_ms": timed(lambda: values(run, *windows[-1]), 0.2)[1],
        "compiled_ms": timed(lambda: values(compiled, *windows[-1]), 0.2)[1],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", help="only this part (repeatable), nothing written; default: all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch._inductor.config.force_disable_caches = True
    torch._inductor.config.compile_threads = 1
    windows = []
    for objects, frames in ((20, 5), (100, 5)):
        data = crowd(objects, frames)
        logits = torch.randn(data.edge_index.shape[1], dtype=torch.float64).requires_grad_()
        windows.append((link_graph(logits, data), logits))
    results: list[dict[str, float | str]] = []
    for name, run in parts().items():
        for dynamic in (False, True):
            if options.part and name not in options.part:
                continue
            row = {"part": name, "sizes": "changing" if dynamic else "fixed", **check(run, windows, dynamic)}
            print({key: value if isinstance(value, str) else round(value, 9) for key, value in row.items()}, flush=True)
            results.append(row)
    if not options.part:
        write(results)
    return int(any(float(row["largest_difference"]) > TOLERANCE for row in results))


def write(results: list[dict[str, float | str]]) -> None:
    folder = Path(__file__).parent / "results"
    write_text(folder / "loss_compile.json", json.dumps(results, indent=1) + "\n")
    lines = [f"| {' | '.join(results[0])} |", "|---" * len(results[0]) + "|"]
    for row in results:
        cells = [value if isinstance(value, str) else f"{value:.3g}" for value in row.values()]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"torch {torch.__version__}, inductor, full graph, one thread; fastest call on 4000 links."]
    write_page(folder / "loss_compile.md", "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
