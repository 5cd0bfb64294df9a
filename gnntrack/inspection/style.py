"""The colours of plots and exports; colour-blind readers can tell them apart."""

from __future__ import annotations

TRUE, FALSE, UNKNOWN = "#0b7a75", "#d1495b", "#3a6ea5"
INK, PALE, RULE = "#1f2933", "#9aa5b1", "#e4e7eb"
#: Paul Tol's "muted" scheme without what clashes with TRUE and FALSE, and four more.
IDENTITIES = [
    "#332288",
    "#ddaa33",
    "#117733",
    "#88ccee",
    "#882255",
    "#999933",
    "#aa4499",
    "#3a6ea5",
    "#6b4c9a",
    "#b15928",
]


def identity_colour(identity: int) -> str:
    """The colour of an identity, the same one everywhere; grey for none.

    Example:
        >>> identity_colour(13) == identity_colour(3), identity_colour(-1) == PALE
        (True, True)
    """
    return PALE if identity < 0 else IDENTITIES[identity % len(IDENTITIES)]


def ink_on(colour: str) -> str:
    """White or dark: what can be read on a colour ``#rrggbb``.

    Example:
        >>> ink_on("#332288"), ink_on("#88ccee") == INK
        ('#ffffff', True)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    luminance = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255  # ITU-R BT.709
    return "#ffffff" if luminance < 0.6 else INK
