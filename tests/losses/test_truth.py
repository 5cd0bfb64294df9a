"""Which candidate links count as true."""

from __future__ import annotations

import torch

from gnntrack.losses import true_links


def test_true_link_is_the_next_detection_present() -> None:
    """The true link skips the frame in which the object is missed; it does not jump over a detection.

    ::

        frame  1    2    3    4
        A      0 ------> 1 -> 2      true: 0-1, 1-2; not 0-2
        nobody 3 -> 4                false: −1 is no identity
    """
    edges = torch.tensor([[0, 1, 0, 3], [1, 2, 2, 4]])
    identity, frame = torch.tensor([9, 9, 9, -1, -1]), torch.tensor([1, 3, 4, 1, 2])
    assert true_links(edges, identity, frame).tolist() == [True, True, False, False]
