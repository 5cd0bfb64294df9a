"""How fast looking inside is, and whether its counts and round trips hold on real data.

    python benchmarks/inspect_speed.py [--sequence FOLDER] [--frames 1050] [--page] [--data ROOT ...] [--repeats 3]

--sequence is a sequence folder (for instance MOT17-04); it is repeated until it has --frames frames, and its graph is
built and described. --page writes pages of synthetic scenes of 50 and of 200 objects a frame and opens them in a
headless Chromium (needs selenium, chromium, chromedriver). --data names folders of sequences with gt/ and det/: a
baseline result of each is taken apart and its counts are compared with motmetrics' own, and its graph goes through
networkx and every file format. Figures go to benchmarks/results/inspect_speed.json and .md; parts not asked for keep
theirs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import motmetrics
import numpy as np
import pandas as pd
import torch
from torch_geometric.data import Data

from gnntrack.errors import DataWarning
from gnntrack.evaluation.errors import count_errors, find_errors
from gnntrack.evaluation.referees import to_motmetrics
from gnntrack.files import write_text
from gnntrack.formats.options import ReadingOptions
from gnntrack.graphs import GraphSettings, build_graph, slice_window
from gnntrack.inspection.convert import from_networkx, to_networkx
from gnntrack.inspection.export import read_graph, write_graph
from gnntrack.inspection.sources import Source, labelled, read_source
from gnntrack.inspection.statistics import graph_statistics
from gnntrack.inspection.view import write_page
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_by_overlap

RESULTS = Path(__file__).parent / "results"
MOTMETRICS = {
    "idsw": "num_switches",
    "misses": "num_misses",
    "false_positives": "num_false_positives",
    "fragmentations": "num_fragmentations",
}


def timed(name: str, work: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Least seconds on the clock, and least of processor time, which other work on the machine does not lengthen."""
    clock, processor = [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return {f"{name}_s": min(clock), f"{name}_cpu_s": min(processor)}


def repeated(sequence: Sequence, frames: int) -> Sequence:
    """The sequence again and again, one after the other, until it has so many frames."""
    tables = []
    for start in range(0, frames, sequence.length):
        shifted = sequence.boxes.assign(frame=sequence.boxes["frame"] + start)
        shifted["id"] = shifted["id"].where(shifted["id"] < 0, shifted["id"] + start * 1_000_000)
        tables.append(shifted[shifted["frame"] <= frames])
    return replace(sequence, boxes=pd.concat(tables, ignore_index=True), length=frames, embeddings=None)


def inspect_speed(folder: Path, frames: int, repeats: int) -> dict[str, Any]:
    """Seconds for the statistics of a long sequence, read from memory, with its graph built."""
    source = read_source(folder, ReadingOptions(confidence="rescale"))
    assert source.truth is not None
    long = labelled(repeated(source.detections, frames), repeated(source.truth, frames))
    build = timed("build", lambda: build_graph(long.detections, GraphSettings(), long.identity), repeats)
    graph = build_graph(long.detections, GraphSettings(), long.identity)
    figures = timed("statistics", lambda: graph_statistics(graph), repeats)
    size = {"boxes": len(long.detections), "links": int(graph.edge_index.shape[1])}
    return {"sequence": long.detections.name, "frames": frames, **size, **build, **figures}


def busy_scene(frames: int = 2000, people: int = 50) -> tuple[Sequence, Sequence]:
    """Ground truth, and a result in which every track gets a new id after 300 frames."""
    generator = np.random.default_rng(0)
    frame, person = np.repeat(np.arange(1, frames + 1), people), np.tile(np.arange(people), frames)
    home = generator.uniform([50, 50], [1800, 900], (people, 2))
    place = home[person] + 200 * np.sin((frame[:, None] / 80 + person[:, None]) * [1.0, 0.7])
    place += generator.normal(0, 1, place.shape)
    table = pd.DataFrame({"frame": frame, "id": person + 1, "x": place[:, 0], "y": place[:, 1], "w": 60.0, "h": 150.0})
    truth = Sequence("busy", table, width=1920, height=1080)
    return truth, truth.with_ids(truth.boxes["id"].to_numpy() + truth.frames // 300 * 100)


def page_speed(folder: Path, repeats: int) -> list[dict[str, Any]]:
    """Size of the page, and CPU time to write it, to open it in a browser, and to draw a frame."""
    rows = []
    for frames, people in ((200, 50), (80, 200)):
        truth, tracks = busy_scene(frames, people)
        graph = build_graph(tracks.without_ids(), GraphSettings())
        graph.score = torch.rand(graph.edge_index.shape[1], generator=torch.Generator().manual_seed(0))
        path = folder / f"{people}.html"
        start = time.process_time()
        write_page(path, tracks, truth=truth, other=tracks, graph=graph)
        row: dict[str, Any] = {"objects": people, "frames": frames, "sides": 3, "mb": path.stat().st_size / 1e6}
        rows.append(row | {"write_cpu_s": time.process_time() - start} | in_browser(path, repeats))
    return rows


def in_browser(path: Path, repeats: int) -> dict[str, float]:
    """Opens the page and draws frames; CPU seconds of the page's thread, which paints too: there is no GPU."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    found: list[dict[str, float]] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as profile:
            options = Options()
            options.binary_location = shutil.which("chromium") or "chromium"
            for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1600,900", "--no-first-run"):
                options.add_argument(flag)
            for part in ("background-networking", "component-update", "sync", "quic", "dev-shm-usage"):
                options.add_argument(f"--disable-{part}")
            options.add_argument(f"--user-data-dir={profile}")
            driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
            driver.set_script_timeout(600)
            driver.command_executor.client_config.timeout = 600  # a busy machine
            driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
            driver.get(path.resolve().as_uri())
            row = {"open_cpu_s": busy(driver)}
            for name, links in (("draw_cpu_ms", False), ("draw_with_links_cpu_ms", True)):
                driver.execute_script(DRAW, links, 5)  # what is compiled once
                before = busy(driver)
                driver.execute_script(DRAW, links, FRAMES)
                row[name] = (busy(driver) - before) * 1000 / FRAMES
            found.append(row)
            driver.quit()
    return {name: min(row[name] for row in found) for name in found[0]}


def busy(driver: Any) -> float:
    """CPU seconds that the page's thread has used."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


FRAMES = 40
#: Draws frames in all panes until their points can be read back.
DRAW = """const pens = [...document.querySelectorAll("#panes canvas")].map((each) => each.getContext("2d"));
viewer.state.show.links = arguments[0];
for (let frame = 35; frame < 35 + arguments[1]; frame++) {
  viewer.goTo(frame);
  viewer.draw();
  for (const pen of pens) pen.getImageData(0, 0, 1, 1);
}"""


def check(source: Source) -> dict[str, Any]:
    """Counts against motmetrics, and round trips of the first 200 frames."""
    assert source.truth is not None
    tracks = track_by_overlap(source.detections)
    counts = count_errors(find_errors(source.truth, tracks))
    accumulator = to_motmetrics(source.truth, tracks)
    reference = motmetrics.metrics.create().compute(accumulator, metrics=list(MOTMETRICS.values())).iloc[0]
    first = int(source.detections.frames[0])
    whole = build_graph(source.detections, GraphSettings(), source.identity)
    part = slice_window(whole, first, first + 199)
    network = to_networkx(part)
    trips = {"networkx": equal(from_networkx(network), part)}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("graphml", "gexf", "json"):
            small = slice_window(whole, first, first + 29)
            write_graph(to_networkx(small), Path(folder) / f"graph.{suffix}")
            trips[suffix] = equal(from_networkx(read_graph(Path(folder) / f"graph.{suffix}")), small)
    return {
        "sequence": source.detections.name,
        **{total: counts[total] for total in MOTMETRICS},
        "counts_agree": all(counts[total] == reference[name] for total, name in MOTMETRICS.items()),
        "round_trips": all(trips.values()),
    }


def equal(first: Data, second: Data) -> bool:
    """The same tensors under the same keys."""
    tensors = [key for key in second.keys() if torch.is_tensor(second[key])]  # noqa: SIM118
    return all(key in first and torch.equal(first[key], second[key]) for key in tensors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequence", type=Path)
    parser.add_argument("--frames", type=int, default=1050)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    warnings.simplefilter("ignore", DataWarning)
    torch.set_num_threads(1)
    path = RESULTS / "inspect_speed.json"
    result: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    if given.sequence:
        result["inspect"] = [inspect_speed(given.sequence, given.frames, given.repeats)]
    if given.page:
        with tempfile.TemporaryDirectory() as folder:
            result["page"] = page_speed(Path(folder), given.repeats)
    folders = [path.parent for root in given.data for path in sorted(root.glob("*/gt"))]
    if folders:
        result["checks"] = []
    for folder in folders:
        result["checks"].append(check(read_source(folder, ReadingOptions(confidence="rescale"))))
        print(result["checks"][-1], file=sys.stderr, flush=True)
    write_text(path, json.dumps(result, indent=1) + "\n")
    lines = [
        "# Looking inside: speed and checks",
        "",
        "One thread, best of the repeats. `python benchmarks/inspect_speed.py --sequence FOLDER --page --data ROOT`",
        "",
    ]
    for name, rows in result.items():
        lines += [f"## {name.capitalize()}", "", table(rows), ""]
    write_text(RESULTS / "inspect_speed.md", "\n".join(lines))
    print("\n".join(lines))


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as Markdown."""
    cell = lambda value: f"{value:.2f}" if isinstance(value, float) else str(value)  # noqa: E731
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cell(row[key]) for key in head) + " |" for row in rows])


if __name__ == "__main__":
    main()
