"""The short table of the tracking benchmark, written where users look: README.md and models/default.md.

    python benchmarks/figures.py            # writes what results/tracking.json says between the comments
    python benchmarks/figures.py --check    # writes nothing; exit code 1 where a table is out of date

A row each data set: the best peer at its defaults, the best peer with tuned thresholds, and gnntrack.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tables import UNSMOOTHED, table

from gnntrack.bench import PEERS
from gnntrack.errors import DataError
from gnntrack.files import write_text

HERE = Path(__file__).parent
PAGES = (HERE.parent / "README.md", HERE.parent / "models" / "default.md")
BEGIN, END = "<!-- tracking figures -->", "<!-- end of tracking figures -->"
MODES = ("online", "offline")
HEADS = ["", "best peer", "best peer, tuned", *(f"gnntrack, {mode}" for mode in MODES), "boxes as detected"]
RESULTS = HERE / "results" / "tracking.json"
#: What data sets of tracking.yaml are called in the table.
NAMES = {
    "dancetrack": "DanceTrack",
    "dancetrack-crowded": "DanceTrack, crowded",
    "mot17": "MOT17",
    "kitti-car": "KITTI, cars",
    "kitti-pedestrian": "KITTI, pedestrians",
    "mot15": "MOT15",
}
NOTE = """\
HOTA in percent (identity switches), over all videos of a data set; every tracker sees the same boxes. Best peer: the
one with the highest HOTA of SORT, ByteTrack, OC-SORT, C-BIoU and BoT-SORT at their defaults. Tuned: with thresholds
that were searched on these very videos. gnntrack has the same weights and thresholds everywhere and smooths the boxes
of tracks; "boxes as detected" is its HOTA online / offline without that, since the peers do not smooth."""
Row = dict[str, Any]


def main() -> None:
    options = parse()
    results = [row for path in options.results for row in json.loads(path.read_text(encoding="utf-8"))]
    text = figures(results, [entry.title for entry in PEERS.values()])
    if out_of_date := [path for path in options.pages if update(path, text, options.check)]:
        names = ", ".join(str(path) for path in out_of_date)
        if options.check:
            sys.exit(f"out of date: {names}; run python benchmarks/figures.py")
        print(f"wrote {names}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="*", default=PAGES, help="files with the two comments")
    parser.add_argument("--results", type=Path, nargs="+", default=[RESULTS], help="what benchmarks/tracking.py wrote")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a file is out of date")
    return parser.parse_args()


def figures(results: list[dict[str, Any]], peers: list[str]) -> str:
    """The table, what it shows and the commands that it comes from.

    Args:
        results: what ``benchmarks/tracking.py`` wrote; of several of one data set, the last counts.
        peers: names of the hand-tuned trackers.

    Raises:
        DataError: a data set lacks a row.
    """
    order = list(NAMES)
    last = {result["dataset"]: result for result in results}  # a set that was also measured alone
    results = sorted(last.values(), key=lambda result: order.index(result["dataset"]))
    commands = ",\n".join(f"`{command}`" for command in dict.fromkeys(result["command"] for result in results))
    rows = [_row(result, peers) for result in results]
    return "\n\n".join([table(HEADS, rows), NOTE, f"From {commands},\nby `python benchmarks/figures.py`."])


def _row(result: dict[str, Any], peers: list[str]) -> list[str]:
    """The cells of a data set; peers that were not tuned leave a dash."""
    tuned = [f"{name}, tuned" for name in peers]
    unsmoothed = [_hota(best(result, [f"gnntrack, {mode}, {UNSMOOTHED}"])) for mode in MODES]
    return [
        f"{NAMES[result['dataset']]}, {len(result['frames'])} videos",
        _named(best(result, peers)),
        _named(best(result, tuned)) if result["tuned"] else "–",
        *(_score(best(result, [f"gnntrack, {mode}"])) for mode in MODES),
        " / ".join(unsmoothed),
    ]


def best(result: dict[str, Any], names: list[str]) -> Row:
    """The row with the highest HOTA among these trackers; of equals, the first."""
    rows = [row for row in result["rows"] if row["tracker"] in names]
    if not rows:
        problem = f"{result['dataset']}: no row of {' or '.join(names)}"
        raise DataError(problem, remedy="run benchmarks/tracking.py with all trackers")
    return max(rows, key=lambda row: row["scores"]["COMBINED"]["hota"])


def update(path: Path, text: str, check: bool = False) -> bool:
    """Puts ``text`` between the comments of a file; says whether something else was there.

    Raises:
        DataError: the comments are not there, once each and in order.
    """
    page = path.read_text(encoding="utf-8")
    before, *rest = page.split(BEGIN)
    parts = rest[0].split(END) if len(rest) == 1 else []
    if len(parts) != 2:
        raise DataError("no place for the figures", remedy=f"put {BEGIN} and {END} in it, once each", path=path)
    wanted = f"{before}{BEGIN}\n\n{text}\n\n{END}{parts[1]}"
    if wanted != page and not check:
        write_text(path, wanted)
    return wanted != page


def _named(row: Row) -> str:
    return f"{row['tracker'].removesuffix(', tuned')} {_score(row)}"


def _score(row: Row) -> str:
    return f"{_hota(row)} ({row['scores']['COMBINED']['idsw']:.0f})"


def _hota(row: Row) -> str:
    return f"{row['scores']['COMBINED']['hota']:.1f}"


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"error: {error}")
