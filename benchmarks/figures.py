"""The short table of the tracking benchmark, written where users look: README.md and models/default.md.

    python benchmarks/figures.py            # writes what results/tracking.json says between the comments
    python benchmarks/figures.py --check    # writes nothing; exit code 1 where a table is out of date

One row each for the best peer at its defaults, the best peer with tuned thresholds, both modes of gnntrack, and both
without smoothed boxes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from tables import UNSMOOTHED, table

from gnntrack.errors import DataError
from gnntrack.files import write_text

HERE = Path(__file__).parent
PAGES = (HERE.parent / "README.md", HERE.parent / "models" / "default.md")
BEGIN, END = "<!-- tracking figures -->", "<!-- end of tracking figures -->"
OURS = ("gnntrack, online", "gnntrack, offline", *(f"gnntrack, {mode}, {UNSMOOTHED}" for mode in ("online", "offline")))
HEADS = ["data set", "tracker", "HOTA", "AssA", "IDF1", "switches", "frames/s"]
#: What data sets of tracking.yaml are called in the table.
NAMES = {
    "dancetrack": "DanceTrack",
    "mot17": "MOT17",
    "kitti-car": "KITTI, cars",
    "kitti-pedestrian": "KITTI, pedestrians",
    "mot15": "MOT15",
}
NOTE = """\
Of the peers, the one with the highest HOTA on each data set is shown: once of those with their own defaults, once of
those with thresholds that were searched on these very videos. HOTA, AssA and IDF1 are percentages over all videos of a
data set; frames/s counts association alone, on one CPU thread. gnntrack has the thresholds of the shipped weights, the
same for all data sets; models/default.md says what these videos had to do with them. It smooths the boxes of tracks,
the peers do not: in the last two rows of each data set it leaves them as detected, so that association alone counts."""
Row = dict[str, Any]


def main() -> None:
    options = parse()
    results = json.loads(options.results.read_text(encoding="utf-8"))
    peers = list(yaml.safe_load((HERE / "tracking.yaml").read_text(encoding="utf-8"))["peers"])
    text = figures(results, peers)
    if out_of_date := [path for path in options.pages if update(path, text, options.check)]:
        names = ", ".join(str(path) for path in out_of_date)
        if options.check:
            sys.exit(f"out of date: {names}; run python benchmarks/figures.py")
        print(f"wrote {names}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="*", default=PAGES, help="files with the two comments")
    parser.add_argument("--results", type=Path, default=HERE / "results" / "tracking.json")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a file is out of date")
    return parser.parse_args()


def figures(results: list[dict[str, Any]], peers: list[str]) -> str:
    """The table with the command that it comes from.

    Args:
        results: what ``benchmarks/tracking.py`` wrote.
        peers: names of the hand-tuned trackers.

    Raises:
        DataError: a data set lacks a row.
    """
    lines = []
    for result in results:
        name = NAMES.get(result["dataset"], result["dataset"])
        label = f"{name}, {len(result['frames'])} videos"
        for row in chosen(result, peers):
            lines.append([label, row["tracker"], *_figures(row["scores"]["COMBINED"])])
            label = ""
    commands = ", ".join(f"`{command}`" for command in dict.fromkeys(result["command"] for result in results))
    return "\n\n".join(
        [
            table(HEADS, lines),
            NOTE,
            f"From {commands}, by `python benchmarks/figures.py`.",
        ]
    )


def chosen(result: dict[str, Any], peers: list[str]) -> list[Row]:
    """The six rows of a data set."""
    groups = [peers, [f"{name}, tuned" for name in peers], *([name] for name in OURS)]
    return [best(result, names) for names in groups]


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


def _figures(score: dict[str, float]) -> list[str]:
    speed = f"{score['frames_per_second']:.0f}" if "frames_per_second" in score else ""
    return [*(f"{score[key]:.1f}" for key in ("hota", "assa", "idf1")), f"{score['idsw']:.0f}", speed]


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"error: {error}")
