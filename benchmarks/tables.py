"""The tables of benchmarks/tracking.py."""

from __future__ import annotations

from typing import Any

#: Our tracker smooths boxes, the peers leave them where they are: in rows with this addition ours does too.
UNSMOOTHED = "boxes as detected"
#: Shares in percent, then counts.
SHARES = {"hota": "HOTA", "deta": "DetA", "assa": "AssA", "mota": "MOTA", "idf1": "IDF1"}
COUNTS = {"idsw": "IDSW", "fragmentations": "Frag", "frames_per_second": "frames/s"}


def tables(result: dict[str, Any]) -> str:
    """The rows of a data set: all sequences together, then each sequence."""
    rows = result["rows"]
    combined = [[row["tracker"], *_figures(row["scores"]["COMBINED"])] for row in rows]
    each = [[row["tracker"], *(_brief(row["scores"][name]) for name in result["frames"])] for row in rows]
    frames = sum(result["frames"].values())
    parts = [
        f"## {result['dataset']}: {len(result['frames'])} sequences, {frames} frames",
        f"`{result['command']}`",
        result["note"],
        table(["all sequences", *SHARES.values(), *COUNTS.values()], combined),
        _pruning(result["pruning"]) if "pruning" in result else "",
        table(["HOTA / AssA / IDF1 / IDSW", *result["frames"]], each),
        "\n".join(f"- {name}, tuned: {_listed(settings)}" for name, settings in result["tuned"].items()),
    ]
    return "\n\n".join(part for part in parts if part)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table.

    Example:
        >>> print(table(["a", "b"], [["1", "2"]]))
        | a | b |
        |---|---|
        | 1 | 2 |
    """
    lines = [heads, *rows]
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    return "\n".join([text[0], "|" + "---|" * len(heads), *text[1:]])


def _figures(score: dict[str, float]) -> list[str]:
    counts = [f"{score[key]:.0f}" if key in score else "" for key in COUNTS]
    return [f"{score[key]:.1f}" for key in SHARES] + counts


def _brief(score: dict[str, float]) -> str:
    return " / ".join([*(f"{score[key]:.1f}" for key in ("hota", "assa", "idf1")), f"{score['idsw']:.0f}"])


def _listed(settings: dict[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _pruning(pruning: dict[str, int]) -> str:
    share = 100 * pruning["kept"] / max(1, pruning["within"])
    within = 100 * pruning["within"] / max(1, pruning["links"])
    return (
        f"Candidate pruning keeps {share:.2f} % of the {pruning['within']} true links of at most "
        f"{pruning['memory']}; {within:.2f} % of all {pruning['links']} true links are that short."
    )
