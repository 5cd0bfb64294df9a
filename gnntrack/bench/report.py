"""What trackers reached, as tables, JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from gnntrack.bench.gains import Gain, gain_of
from gnntrack.bench.measure import Measured
from gnntrack.evaluation.comparison import DENSITIES
from gnntrack.evaluation.output import Block, as_csv, markdown
from gnntrack.evaluation.table import HEADINGS, in_percent

#: Shares of the table.
SHOWN = ("hota", "assa", "deta", "idf1")
#: Videos that a class needs to have a gain of its own.
FEWEST_VIDEOS = 3


def blocks(found: Measured) -> list[Block]:
    """All trackers in one table; then gains in classes of videos, where there are enough, and each video."""
    every = _table(found)
    rest = [_by_density(found), _each(found)]
    return [every, *(block for block in rest if block is not None)]


def _videos(count: int) -> str:
    return f"{count} video{'s' * (count != 1)}"


def _table(found: Measured) -> Block:
    title = f"means over {_videos(len(found.videos))}, switches in all; rules: {found.rules}"
    gains = found.gains()
    if gains:
        title += "; gain: HOTA less the other's on the same video, mean [95 % interval] over videos"
    header = ["tracker", *(HEADINGS[key] for key in SHOWN), HEADINGS["idsw"], "frames/s"]
    rows = []
    for name in found.scores:
        shares = [f"{100 * found.metric(name, key).mean():.1f}" for key in SHOWN]
        row = [name, *shares, f"{found.metric(name, 'idsw').sum():.0f}", f"{found.speed[name]:.0f}"]
        rows.append([*row, *(_shown(differences.get(name)) for differences in gains.values())])
    return Block(title, [*header, *(f"gain on {what}" for what in gains)], rows)


def _shown(differences: np.ndarray | None) -> str:
    gain = None if differences is None else gain_of(differences)
    return "–" if gain is None else str(gain)


def _by_density(found: Measured) -> Block | None:
    """Gains by the objects in view; None where fewer than two classes have enough videos."""
    density = np.array(list(found.density.values()))
    kinds = [kind for kind in DENSITIES if (density == kind).sum() >= FEWEST_VIDEOS]
    gains = found.gains()
    if len(kinds) < 2 or not gains:
        return None
    what, differences = next(iter(gains.items()))
    header = ["tracker", *(f"{kind} ({_videos(int((density == kind).sum()))})" for kind in kinds)]
    rows = [[name, *(_shown(each[density == kind]) for kind in kinds)] for name, each in differences.items()]
    return Block(f"gain on {what} by objects in view", header, rows)


def _each(found: Measured) -> Block | None:
    """HOTA (switches) on each video; None of a single one."""
    if len(found.videos) < 2:
        return None
    mine = [name for name in found.scores if name not in found.peers]
    rows = []
    for place, video in enumerate(found.videos):
        cells = {name: f"{100 * found.metric(name, 'hota')[place]:.1f}" for name in found.scores}
        cells = {name: f"{cell} ({found.metric(name, 'idsw')[place]:.0f})" for name, cell in cells.items()}
        best = max(found.peers, key=lambda name: found.metric(name, "hota")[place], default=None)
        rows.append([video, *([] if best is None else [f"{cells[best]} {best}"]), *(cells[name] for name in mine)])
    header = ["video", *(["best peer"] if found.peers else []), *mine]
    return Block("HOTA (switches) on each video", header, rows)


def as_markdown(found: Measured) -> str:
    """The tables, and what was left out."""
    left_out = "\n".join(f"- {name}: {why}" for name, why in found.left_out.items())
    return "\n\n".join([markdown(blocks(found)), *(["Left out:", left_out] if left_out else [])]) + "\n"


def as_json(found: Measured, about: Mapping[str, Any]) -> str:
    """All metrics of every tracker on every video, and its gains; shares in percent.

    Args:
        found: what was measured.
        about: keys that come first: how it was.
    """
    gains, density = found.gains(), found.density
    trackers = {}
    for name, scores in found.scores.items():
        own = {what: gain_of(differences[name]) for what, differences in gains.items() if name in differences}
        trackers[name] = {
            "peer": name in found.peers,
            "frames_per_second": round(found.speed[name], 1),
            "gain_on": {what: _rounded(gain) for what, gain in own.items() if gain is not None},
            "combined": in_percent({"": found.combined(name)})[""],
            "videos": in_percent({video: score.metrics() for video, score in scores.items()}),
        }
    videos = {video: {"frames": found.frames[video], "density": density[video]} for video in found.videos}
    content = dict(about) | {"rules": found.rules, "videos": videos, "left_out": found.left_out}
    return json.dumps(content | {"trackers": trackers}, indent=1) + "\n"


def _rounded(gain: Gain) -> dict[str, Any]:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(gain).items()}


def as_csv_text(found: Measured) -> str:
    """CSV: a row for each tracker and video, and one for all videos together (``COMBINED``)."""
    return as_csv(_records(found)) + "\n"


def _records(found: Measured) -> Iterator[dict[str, Any]]:
    for name, scores in found.scores.items():
        rows = {video: score.metrics() for video, score in scores.items()} | {"COMBINED": found.combined(name)}
        for video, row in in_percent(rows).items():
            speed = round(found.speed[name], 1) if video == "COMBINED" else None
            yield (
                {"tracker": name, "video": video, "density": found.density.get(video)}
                | row
                | {"frames_per_second": speed}
            )
