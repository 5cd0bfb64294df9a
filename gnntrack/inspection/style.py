"""The colours of plots and exports; colour-blind readers can tell them apart."""

from __future__ import annotations

TRUE, FALSE, UNKNOWN = "#0b7a75", "#d1495b", "#3a6ea5"
INK, PALE, RULE = "#1f2933", "#9aa5b1", "#e4e7eb"
#: What boxes of a page stand on (``--ground`` in page/style.css), and the contrast of lines there.
GROUNDS = {"light": ("#fbfcfd", 3.0), "dark": ("#131a21", 4.5)}
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


def page_palette() -> dict[str, list[str]]:
    """The colours of identities on light and on dark pages, as :func:`readable` makes them.

    Example:
        >>> {name: len(colours) for name, colours in page_palette().items()}
        {'light': 10, 'dark': 10}
    """
    return {
        name: [readable(colour, ground, least) for colour in IDENTITIES] for name, (ground, least) in GROUNDS.items()
    }


def luminance(colour: str) -> float:
    """The relative luminance of a colour ``#rrggbb``, 0 to 1, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in bytes.fromhex(colour.removeprefix("#"))]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#rrggbb``, 1 to 21: WCAG asks 4.5 for text, 3 for lines.

    Example:
        >>> round(contrast("#ffffff", "#000000"), 1)
        21.0
    """
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, least: float = 3.0) -> str:
    """The colour, mixed with as little black or white as gives it a contrast of ``least`` to the ground.

    Example:
        >>> readable("#332288", "#fbfcfd"), readable("#88ccee", "#fbfcfd")
        ('#332288', '#6699b2')
    """
    towards = 255.0 if luminance(ground) < 0.18 else 0.0
    parts = bytes.fromhex(colour.removeprefix("#"))
    for share in range(101):
        mixed = "#" + bytes(round(part + (towards - part) * share / 100) for part in parts).hex()
        if contrast(mixed, ground) >= least:
            return mixed
    return mixed


def ink_on(colour: str) -> str:
    """White or dark: what is read more easily on a colour ``#rrggbb``.

    Example:
        >>> ink_on("#332288"), ink_on("#88ccee") == INK
        ('#ffffff', True)
    """
    return max("#ffffff", INK, key=lambda ink: contrast(ink, colour))
