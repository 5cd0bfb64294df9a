"""The mean of two association networks of which one learned on from the other.

    python benchmarks/average.py BEFORE AFTER --share 0.6 --output WEIGHTS

Weights that learned on from others, on harder boxes, are better at these and a little worse at what they were good at;
weights between both keep most of the one and most of the other. Tracklet and smoothing networks, and the recipe, are
those of BEFORE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gnntrack.models import AssociationNetwork, load_weights, save_weights

PARTS = ("tracklets.", "smoothing.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=str)
    parser.add_argument("after", type=str)
    parser.add_argument("--share", type=float, required=True, help="of AFTER, 0 to 1")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    before, recipe = load_weights(options.before)
    after, _ = load_weights(options.after)
    assert isinstance(before, AssociationNetwork)
    assert isinstance(after, AssociationNetwork)
    average(before, after, options.share)
    save_weights(options.output, before, recipe)


def average(before: AssociationNetwork, after: AssociationNetwork, share: float) -> None:
    """Moves the association network of ``before`` towards ``after``, by a share of the way."""
    goal = after.state_dict()
    mixed = {}
    for name, value in before.state_dict().items():
        own = name.startswith(PARTS) or not value.is_floating_point()
        mixed[name] = value if own else (1.0 - share) * value + share * goal[name]
    before.load_state_dict(mixed)


if __name__ == "__main__":
    main()
