"""Box algebra: numpy and torch agree, and the values are right by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gnntrack import geometry

coordinate = st.floats(-1e3, 1e3, allow_nan=False, width=32)
size = st.floats(0.125, 1e3, allow_nan=False, width=32)
pair = st.tuples(st.tuples(coordinate, coordinate, size, size), st.tuples(coordinate, coordinate, size, size))


def test_iou_by_hand():
    """Two 2 × 2 boxes, one moved right by 1: they share 2 of 6."""
    a, b = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 2, 2], [5.0, 5, 1, 1], [0.0, 0, 2, 2]])
    np.testing.assert_allclose(geometry.iou_matrix(a, b), [[1 / 3, 0, 1]])


def test_giou_of_distant_boxes_is_negative():
    """Two unit boxes a unit apart: hull 3, union 2."""
    assert geometry.giou(np.array([0.0, 0, 1, 1]), np.array([2.0, 0, 1, 1])) == pytest.approx(-1 / 3)


def test_empty_boxes_give_zero():
    assert geometry.iou(np.zeros(4), np.zeros(4)) == 0
    assert geometry.share_inside(np.zeros(4), np.ones(4)) == 0
    assert np.isfinite(geometry.giou(np.zeros(4), np.zeros(4)))


@given(pair)
def test_properties(two):
    a, b = np.array(two[0]), np.array(two[1])
    overlap, general = geometry.iou(a, b), geometry.giou(a, b)
    assert 0 <= overlap <= 1 + 1e-9
    assert -1 - 1e-9 <= general <= overlap + 1e-6
    assert overlap == pytest.approx(geometry.iou(b, a))
    assert geometry.iou(a, a) == pytest.approx(1)
    inside = geometry.share_inside(a, b)
    assert overlap - 1e-9 <= inside <= 1 + 1e-9
    assert geometry.share_inside(a, a) == pytest.approx(1)


@given(arrays(np.float64, (5, 4), elements=st.floats(0.5, 100)))
def test_torch_equals_numpy(array):
    other = array[::-1].copy()
    for function in (geometry.iou, geometry.giou, geometry.share_inside):
        expected = function(array, other)
        np.testing.assert_allclose(
            function(torch.from_numpy(array), torch.from_numpy(other)).numpy(), expected, atol=1e-12
        )


@given(arrays(np.float64, (3, 4), elements=st.floats(-100, 100)))
def test_conversions_are_inverse(array):
    np.testing.assert_allclose(geometry.xyxy_to_xywh(geometry.xywh_to_xyxy(array)), array, atol=1e-9)
    np.testing.assert_allclose(geometry.centres(array), array[:, :2] + array[:, 2:] / 2)
