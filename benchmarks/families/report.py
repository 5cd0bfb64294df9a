"""The table of paired differences."""

from __future__ import annotations

from typing import Any

import numpy as np
from learning import ADDED, FAMILIES, FIXED, LINK, PLAIN, SCORES
from scipy.stats import ttest_1samp
from videos import KINDS

NAMES = {
    "embedding": "embedding + Kalman",
    "joint": "joint detection and embedding",
    "queries": "track queries, attention",
    "attention": "global attention",
    "messages": "message passing",
}
HEADS = {"idf1": "IDF1", "hota": "HOTA", "idsw": "switches"}
#: What counts as help: points of IDF1, share of switches.
AIM, SHARE = 3.0, 0.15
#: Seeds below which nothing is said to be beyond doubt.
FEW = 3
#: Runs of a family, of one arm and kind of video, by seed.
Rows = dict[int, dict[str, Any]]


def report(found: dict[str, Any], seeds: int) -> str:
    """The whole page."""
    parts = [
        f"`python benchmarks/families/run.py --seeds {seeds}`",
        conclusion(found),
        f"Below: means of the family's own loss, and paired differences of what is added to it, by seed, with 95 % "
        f"intervals (t). Left: at the threshold that choosing videos gave; right: at {FIXED}. **Bold**: the interval "
        f"excludes 0 and the difference is at least {AIM:.0f} points of IDF1 or {SHARE:.0%} of the switches.",
    ]
    for kind in KINDS:
        lines = [f"## {kind}", "", "| family | loss | seeds | " + " | ".join(_heads()) + " |"]
        lines.append("|---" * (3 + 2 * len(SCORES)) + "|")
        for family in FAMILIES:
            plain = rows(found, kind, family, PLAIN)
            if not plain:
                continue
            means = [f"{mean(plain, where, name):.1f}" for where in ("tuned", "fixed") for name in SCORES]
            lines.append(f"| {NAMES[family]} | its own | {len(plain)} | " + " | ".join(means) + " |")
            for arm in arms(found, family):
                added = rows(found, kind, family, arm)
                shown = [cell(added, plain, where, name) for where in ("tuned", "fixed") for name in SCORES]
                lines.append(f"| | + {arm} | {len(added)} | " + " | ".join(shown) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, against_link(found), *why(found)]) + "\n"


def _heads() -> list[str]:
    return [HEADS[name] for name in SCORES] + [f"{HEADS[name]} at {FIXED}" for name in SCORES]


def rows(found: dict[str, Any], kind: str, family: str, arm: str) -> Rows:
    """By seed."""
    start = f"{family}, {arm}, "
    return {int(key.removeprefix(start)): row[kind] for key, row in found.items() if key.startswith(start)}


def arms(found: dict[str, Any], family: str) -> list[str]:
    """All but the plain one, in the order of their runs."""
    names = [key.split(", ")[1] for key in found if key.startswith(f"{family}, ")]
    return [name for name in dict.fromkeys(names) if name != PLAIN]


def mean(part: Rows, where: str, name: str) -> float:
    return float(np.mean([row[where][name] for row in part.values()]))


def difference(part: Rows, other: Rows, where: str, name: str) -> tuple[float, float]:
    """Mean of the paired differences and half the width of its 95 % interval (infinite for one seed)."""
    values = np.array([part[seed][where][name] - other[seed][where][name] for seed in part.keys() & other.keys()])
    if len(values) < 2 or not values.std():
        return float(values.mean()), float("inf") if len(values) < 2 else 0.0
    low, high = ttest_1samp(values, 0).confidence_interval(0.95)
    return float(values.mean()), float(high - low) / 2


def verdict(part: Rows, plain: Rows, where: str, name: str) -> int:
    """1: better beyond doubt and by as much as is aimed at; −1: as much worse; 0: neither.

    A tracker that links nothing makes no switches: fewer of them are no gain where IDF1 falls by what is aimed at.
    """
    middle, half = difference(part, plain, where, name)
    gain = -middle if name == "idsw" else middle
    aim = SHARE * mean(plain, where, name) if name == "idsw" else AIM
    if name == "hota" or len(part) < FEW or abs(gain) <= half or abs(gain) < aim:
        return 0
    empty = gain > 0 and difference(part, plain, where, "idf1")[0] <= -AIM
    return 0 if empty else int(np.sign(gain))


def cell(part: Rows, plain: Rows, where: str, name: str) -> str:
    middle, half = difference(part, plain, where, name)
    text = f"{middle:+.1f}" + (f" ± {half:.1f}" if np.isfinite(half) else "")
    return f"**{text}**" if verdict(part, plain, where, name) else text


def conclusion(found: dict[str, Any]) -> str:
    """Which losses help where, at tuned thresholds; and in how many places, at both."""
    lines = [
        f"Where does an added loss change a tracker beyond doubt (the 95 % interval excludes 0) and by at least "
        f"{AIM:.0f} points of IDF1 or {SHARE:.0%} of its switches? At tuned thresholds:",
        "",
    ]
    for sign, word in ((1, "better"), (-1, "worse")):
        for arm in [LINK, *ADDED]:
            places = _places(found, arm, "tuned", sign)
            lines.append(f"- {word}, + {arm}: {'; '.join(places) or 'nowhere'}")
    lines += [
        "",
        f"In how many of {len(FAMILIES)} families × {len(KINDS)} kinds of video:",
        "",
        "| added | better, tuned | worse, tuned | better, at .5 | worse, at .5 |",
        "|---|---|---|---|---|",
    ]
    for arm in [LINK, *ADDED]:
        counts = [str(len(_places(found, arm, where, sign))) for where in ("tuned", "fixed") for sign in (1, -1)]
        lines.append(f"| {arm} | " + " | ".join(counts) + " |")
    return "\n".join(lines)


def _places(found: dict[str, Any], arm: str, where: str, sign: int) -> list[str]:
    """Families and kinds of video whose IDF1 or switches change this way, and by how much."""
    places = []
    for kind in KINDS:
        for family in FAMILIES:
            part, plain = rows(found, kind, family, arm), rows(found, kind, family, PLAIN)
            if not part or not plain:
                continue
            changed = [name for name in ("idf1", "idsw") if verdict(part, plain, where, name) == sign]
            if changed:
                shown = [f"{HEADS[name]} {cell(part, plain, where, name).strip('*')}" for name in changed]
                places.append(f"{NAMES[family]} ({kind}): {', '.join(shown)}")
    return places


def why(found: dict[str, Any]) -> list[str]:
    """How an added gradient lies to that of the family's own loss."""
    if "pulls" not in found:
        return []
    lines = [
        "## Why",
        "",
        "The gradient that is added, in a network that learned with its own loss: its length against that of its own "
        "loss, and the cosine between the two. Near 1, it says what its own loss says.",
        "",
        "| family | " + " | ".join([LINK, *ADDED]) + " |",
        "|---" * (2 + len(ADDED)) + "|",
    ]
    for family, pulls in found["pulls"].items():
        shown = [f"{pulls[arm]['share']:.1f}, {pulls[arm]['cosine']:+.2f}" for arm in [LINK, *ADDED]]
        lines.append(f"| {NAMES[family]} | " + " | ".join(shown) + " |")
    return ["\n".join(lines)]


def against_link(found: dict[str, Any]) -> str:
    """Is it UniTrack, or would any loss of links have done?"""
    arms = [arm for arm in ADDED if not arm.startswith("paper")]
    heads = [f"{arm} − link, {HEADS[name]}" for arm in arms for name in ("idf1", "idsw")]
    lines = [
        "## Against the plain link loss",
        "",
        "Is it UniTrack, or would any loss of links have done? Paired differences to the softmax link loss, tuned.",
        "",
        "| family | videos | " + " | ".join(heads) + " |",
        "|---" * (2 + len(heads)) + "|",
    ]
    for family in FAMILIES:
        for kind in KINDS:
            link = rows(found, kind, family, LINK)
            parts = [rows(found, kind, family, arm) for arm in arms]
            if link and all(parts):
                shown = [cell(part, link, "tuned", name) for part in parts for name in ("idf1", "idsw")]
                lines.append(f"| {NAMES[family]} | {kind} | " + " | ".join(shown) + " |")
    return "\n".join(lines)
