"""Logarithms and inverse hyperbolic sines of many numbers at once, several times as fast as one by one.

Only sums, products and quotients in plain loops, which a compiler does for several numbers in one instruction; what it
calls a library for, it does one by one. They differ from the library's by a few units in the last place of float64.
"""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled

#: Of a float64: bits of its fraction, their mask, the bits of 1.0, the offset of its exponent.
_FRACTION, _MASK, _ONE, _OFFSET = 52, (1 << 52) - 1, 1023 << 52, 1023
_ROOT, _LOG_2 = np.sqrt(2.0), np.log(2.0)
#: The series of log((1 + s) / (1 − s)) / 2s in s², for |s| below 0.172.
_SERIES = 1.0 / np.arange(1.0, 23.0, 2.0)
#: Below this, arcsinh(x) = x − x³ / 6 to the last place.
_SMALL = 1e-4
#: Above this, arcsinh(x) = log(2x) to the last place.
_LARGE = 1e9


@compiled
def logarithms(values: np.ndarray) -> None:
    """Replaces positive normal numbers ``(N,)`` float64 by their logarithms.

    Example:
        >>> values = np.array([1.0, 2.0, 1e-300, 5e8])
        >>> wanted = np.log(values)
        >>> logarithms(values)
        >>> bool(np.allclose(values, wanted, rtol=1e-15, atol=0))
        True
    """
    bits = values.view(np.int64)
    powers = np.empty(len(values))
    for place in range(len(values)):
        powers[place] = (bits[place] >> _FRACTION) - _OFFSET
        bits[place] = (bits[place] & _MASK) | _ONE
    for place in range(len(values)):
        fraction = values[place]
        large = 1.0 if fraction > _ROOT else 0.0
        fraction *= 1.0 - 0.5 * large
        s = (fraction - 1.0) / (fraction + 1.0)
        square = s * s
        total = 0.0
        for term in range(len(_SERIES) - 1, -1, -1):
            total = total * square + _SERIES[term]
        values[place] = (powers[place] + large) * _LOG_2 + 2.0 * s * total


@compiled
def inverse_sines(values: np.ndarray) -> None:
    """Replaces finite numbers ``(N,)`` float64 by their inverse hyperbolic sines.

    Example:
        >>> values = np.array([0.0, -3.0, 1e-7, 1e4])
        >>> wanted = np.arcsinh(values)
        >>> inverse_sines(values)
        >>> bool(np.allclose(values, wanted, rtol=1e-14, atol=1e-16))
        True
    """
    grown = np.empty(len(values))
    for place in range(len(values)):
        size = abs(values[place])
        grown[place] = size + (np.sqrt(size * size + 1.0) if size < _LARGE else size)
    logarithms(grown)
    for place in range(len(values)):
        value = values[place]
        size = abs(value)
        result = size - size * size * size / 6.0 if size < _SMALL else grown[place]
        values[place] = result if value >= 0.0 else -result
