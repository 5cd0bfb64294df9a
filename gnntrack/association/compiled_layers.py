"""Layers of rows, compiled: two linear layers, the norm of a row, a logit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled

#: Added to mean squares that are divided by.
EPSILON = 1e-5
_EPSILON = np.float32(EPSILON)
#: Rows that go through several layers together, so that they stay in the processor's cache.
BLOCK = 128


class TwoLayers(NamedTuple):
    """Weights of two linear layers with a positive part in between."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray


class Head(NamedTuple):
    """Weights that read a logit off a link."""

    weight: np.ndarray
    bias: np.ndarray


@compiled
def two_layers(x: np.ndarray, layers: TwoLayers) -> np.ndarray:
    """Two linear layers with a positive part in between, of rows ``(N, ·)``."""
    result = np.empty((len(x), layers.second.shape[1]), dtype=np.float32)
    both = np.empty((min(BLOCK, len(x)), layers.first.shape[1]), dtype=np.float32)
    for start in range(0, len(x), BLOCK):
        here = result[start : start + BLOCK]
        hidden = both[: len(here)]
        np.dot(x[start : start + BLOCK], layers.first, hidden)
        for row in range(len(hidden)):
            for column in range(hidden.shape[1]):
                hidden[row, column] = max(hidden[row, column] + layers.first_bias[column], np.float32(0.0))
        np.dot(hidden, layers.second, here)
        for row in range(len(here)):
            for column in range(here.shape[1]):
                here[row, column] += layers.second_bias[column]
    return result


@compiled
def normalise(x: np.ndarray, change: np.ndarray, scale: np.ndarray) -> None:
    """Adds a change, then root mean square 1 in every row, then scaled: changes ``x``."""
    width = np.float32(x.shape[1])
    for first in range(0, len(x), 4):
        stop = min(first + 4, len(x))
        for row in range(first, stop):
            for column in range(x.shape[1]):
                x[row, column] += change[row, column]
        # four sums at a time: each waits for its last addition
        a, b, c, d = first, min(first + 1, stop - 1), min(first + 2, stop - 1), min(first + 3, stop - 1)
        squares = (np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0))
        for column in range(x.shape[1]):
            squares = (
                squares[0] + x[a, column] * x[a, column],
                squares[1] + x[b, column] * x[b, column],
                squares[2] + x[c, column] * x[c, column],
                squares[3] + x[d, column] * x[d, column],
            )
        for row in range(first, stop):
            share = np.float32(1.0) / np.sqrt(squares[row - first] / width + _EPSILON)
            for column in range(x.shape[1]):
                x[row, column] *= share * scale[column]


@compiled
def weigh(x: np.ndarray, head: Head, result: np.ndarray) -> None:
    """The logit of every row, to ``result``; four sums at a time, like :func:`normalise`."""
    for first in range(0, len(x), 4):
        stop = min(first + 4, len(x))
        a, b, c, d = first, min(first + 1, stop - 1), min(first + 2, stop - 1), min(first + 3, stop - 1)
        totals = (head.bias[0], head.bias[0], head.bias[0], head.bias[0])
        for column in range(x.shape[1]):
            weight = head.weight[column]
            totals = (
                totals[0] + x[a, column] * weight,
                totals[1] + x[b, column] * weight,
                totals[2] + x[c, column] * weight,
                totals[3] + x[d, column] * weight,
            )
        for row in range(first, stop):
            result[row] = totals[row - first]
