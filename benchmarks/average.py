"""The mean of two networks of which one learned on from the other.

    python benchmarks/average.py BEFORE AFTER --share 0.6 --output WEIGHTS
    python benchmarks/average.py BEFORE AFTER --part tracklets --share 0.6 --output WEIGHTS

Weights that learned on from others, on harder boxes, are better at these and a little worse at what they were good at;
weights between both keep most of the one and most of the other. All else, the recipe too, is that of BEFORE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gnntrack.models import AssociationNetwork, load_weights, save_weights

#: Networks inside an association network.
PARTS = ("tracklets", "smoothing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=str)
    parser.add_argument("after", type=str)
    parser.add_argument("--share", type=float, required=True, help="of AFTER, 0 to 1")
    parser.add_argument("--part", choices=("association", *PARTS), default="association", help="which network")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    before, recipe = load_weights(options.before)
    after, _ = load_weights(options.after)
    assert isinstance(before, AssociationNetwork)
    assert isinstance(after, AssociationNetwork)
    average(before, after, options.share, options.part)
    save_weights(options.output, before, recipe)


def average(before: AssociationNetwork, after: AssociationNetwork, share: float, part: str) -> None:
    """Moves one network of ``before`` towards that of ``after``, by a share of the way."""
    goal = after.state_dict()
    mixed = before.state_dict()
    for name, value in mixed.items():
        first = name.partition(".")[0]
        if value.is_floating_point() and part == (first if first in PARTS else "association"):
            mixed[name] = (1.0 - share) * value + share * goal[name]
    before.load_state_dict(mixed)


if __name__ == "__main__":
    main()
