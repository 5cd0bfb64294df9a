"""Boxes of several cameras."""

from __future__ import annotations

import numpy as np

PAN = np.array([[1.0, 0, -3], [0, 1, 0]])


def frames(seed: int, count: int = 40, people: int = 4) -> list[np.ndarray]:
    """People who cross again and again: boxes ``(N, 6)`` a frame, some without any."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 6, people)
    result = []
    for step in range(count):
        left = 300 + 120 * np.sin(0.15 * step + phase)
        corner = np.column_stack([left, 150 + 2.0 * np.arange(people)]) + rng.normal(0, 2, (people, 2))
        rows = np.column_stack(
            [corner, corner + np.array([45, 110]), rng.uniform(0.3, 1, people), np.arange(people) % 2]
        )
        result.append(rows[(rng.uniform(size=people) > 0.15) & (step % 17 != 11)])
    return result
