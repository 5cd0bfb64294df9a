"""Which classes may share a track: what callers say, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.tracking.class_groups import ClassGroups, parse_classes

NAMES = {1: "Pedestrian", 3: "Car", 4: "Van"}


@pytest.mark.parametrize(
    ("classes", "groups"),
    [
        ("together", None),
        ("separate", [1, 3, 4, 4, 9]),
        ([[3, 4]], [1, 3, 3, 3, 9]),
        ([{"car", "van"}, ["pedestrian"]], [1, 3, 3, 3, 9]),
        ([["VAN", 1, "9"]], [4, 3, 4, 4, 4]),
        ((("van",), ("car",)), [1, 3, 4, 4, 9]),
        ([np.array([9, 3])], [1, 9, 4, 4, 9]),
        (["car", "van"], [1, 3, 4, 4, 9]),
        ([], [1, 3, 4, 4, 9]),
    ],
)
def test_groups(classes, groups):
    found = ClassGroups.of(classes, NAMES).numbers(np.array([1, 3, 4, 4, 9]))
    assert found is None if groups is None else found is not None
    if found is not None:
        same = found[:, None] == found
        wanted = np.array(groups)
        np.testing.assert_array_equal(same, wanted[:, None] == wanted)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("together", "together"),
        ("separate", "separate"),
        ("car,van;pedestrian", [["car", "van"], ["pedestrian"]]),
        (" 3 , 4 ; 1 ", [["3", "4"], ["1"]]),
    ],
)
def test_what_the_command_line_says(text, classes):
    assert parse_classes(text) == classes


@pytest.mark.parametrize(
    ("classes", "error"),
    [
        ("apart", "classes 'apart'; give together, separate, or groups of classes such as 'car,van;pedestrian'"),
        (None, "classes None; give together"),
        (3, "classes 3; give together"),
        ([3, 4], r"classes \[3, 4\]; give together"),
        ([[]], "a group of no classes; give together"),
        ([["lorry"]], "no class 'lorry'; known: Pedestrian, Car, Van"),
        ([[""]], "no class ''; known"),
        ([[3.5]], "class 3.5; give names, or whole numbers below 2"),
        ([[True]], "class True; give names"),
        ([[2**60]], "class 1152921504606846976; give names, or whole numbers"),
        ([[3, 4], ["car"]], "class 'Car' is in two groups; name each class once"),
        ([[7, 7], [7]], "class '7' is in two groups"),
    ],
)
def test_what_is_refused(classes, error):
    with pytest.raises(DataError, match=error):
        ClassGroups.of(classes, NAMES)


def test_names_need_a_list_of_names():
    with pytest.raises(DataError, match="no class 'car'; known: numbers alone, the files name no classes"):
        ClassGroups.of([["car"]])
