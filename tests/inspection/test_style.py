"""Colours: they can be read, and the style sheet of the page has the ones that palettes are made for."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from gnntrack.inspection.style import GROUNDS, IDENTITIES, contrast, ink_on, page_palette

PAIRS = dict(
    re.findall(
        r"--(\w+): light-dark\((#\w{6}, #\w{6})\)",
        (files("gnntrack.inspection") / "page" / "style.css").read_text(encoding="utf-8"),
    )
)
TEXTS = ["ink", "quiet", "accent", "chosen", "true", "swap", "miss", "late_birth", "early_death", "false_positive"]
TEXTS += ["switch_after_occlusion", "temporal_inconsistency", "fragmentation"]


def test_contrast_is_that_of_wcag() -> None:
    """Values of the working group's own examples."""
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_of_the_page_have_the_contrast_of_wcag_aa(scheme: str) -> None:
    place = ["light", "dark"].index(scheme)
    colours = {name: pair.split(", ")[place] for name, pair in PAIRS.items()}
    for back in ("panel", "raised", "ground"):
        assert {name for name in TEXTS if contrast(colours[name], colours[back]) < 4.5} == set()
    assert contrast(colours["ink"], colours["soft"]) >= 4.5
    assert min(contrast(colours[name], colours["ground"]) for name in ("rival", "untracked", "cursor")) >= 3
    assert min(contrast(colours["edge"], colours[back]) for back in ("panel", "raised")) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_identities_stand_out_from_what_they_are_drawn_on(scheme: str) -> None:
    ground, least = GROUNDS[scheme]
    assert ground == PAIRS["ground"].split(", ")[["light", "dark"].index(scheme)]
    palette = page_palette()[scheme]
    assert min(contrast(colour, ground) for colour in palette) >= least >= 3
    assert len(set(palette)) == len(IDENTITIES)


def test_numbers_on_the_colours_of_identities_can_be_read() -> None:
    assert min(contrast(ink_on(colour), colour) for colour in IDENTITIES) >= 4.5
