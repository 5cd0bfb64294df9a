"""Made-up embeddings: seeded, alike for one identity, and never in place of real ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnntrack.datasets.labelled import Labelled, label_annotations
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled_split
from gnntrack.datasets.synthetic.embeddings import EmbeddingSettings, with_embeddings
from tests.conftest import make_sequence

CLEAR = EmbeddingSettings(separability=(4.0, 4.0), common=(0.0, 0.0), change=(0.0, 0.0))


def walk(frames: int = 40) -> Labelled:
    """Two people far from each other, and a false positive (−1) that is somewhere else each time."""
    rows, identity = [], []
    for frame in range(1, frames + 1):
        for who, left in ((1, 10.0 + frame), (2, 400.0 - frame), (-1, 200.0)):
            rows.append((frame, -1, left, 100.0, 30.0, 80.0))
            identity.append(who)
    return Labelled(
        make_sequence(rows), np.array(identity)[np.lexsort([[row[2] for row in rows], [row[0] for row in rows]])]
    )


def likeness(item: Labelled, one: int, other: int, later: int = 5) -> float:
    """Mean cosine between boxes of one and those of the other so many frames later."""
    vectors = item.sequence.embeddings
    a, b = vectors[item.identity == one], vectors[item.identity == other]
    return float((a[:-later] * b[later:]).sum(1).mean())


def test_one_identity_is_alike_and_false_positives_are_nobody():
    item = with_embeddings(walk(), CLEAR, 0)
    assert likeness(item, 1, 1) > 0.9 < likeness(item, 2, 2)
    assert abs(likeness(item, 1, 2)) < 0.3
    assert abs(likeness(item, -1, -1)) < 0.2
    np.testing.assert_allclose(np.linalg.norm(item.sequence.embeddings, axis=1), 1.0, atol=1e-5)


def test_common_and_change():
    """What all have in common makes strangers alike; what changes makes one identity unlike itself."""
    common = with_embeddings(walk(), CLEAR.model_copy(update={"common": (2.0, 2.0)}), 0)
    assert likeness(common, 1, 2) > 0.6
    changing = with_embeddings(walk(200), CLEAR.model_copy(update={"change": (2.0, 2.0)}), 0)
    still = with_embeddings(walk(200), CLEAR, 0)
    assert likeness(changing, 1, 1, later=60) < likeness(still, 1, 1, later=60) - 0.05


def test_who_is_hidden_looks_like_who_hides():
    """Person 2 stands in front of person 1 in frame 2; their feet are lower."""
    rows = [(1, 1, 10.0, 100.0, 40.0, 80.0), (1, 2, 300.0, 110.0, 40.0, 80.0)]
    rows += [(2, 1, 298.0, 100.0, 40.0, 80.0), (2, 2, 300.0, 110.0, 40.0, 80.0)]
    vectors = with_embeddings(label_annotations(make_sequence(rows)), CLEAR, 0).sequence.embeddings
    assert vectors[2] @ vectors[3] > 0.8 > 0.5 > vectors[0] @ vectors[1]


def test_seeds_and_real_ones():
    item = walk()
    one, again, other = (with_embeddings(item, CLEAR, seed).sequence.embeddings for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    real = replace(item, sequence=replace(item.sequence, embeddings=np.ones((len(item.sequence), 2))))
    assert with_embeddings(real, CLEAR, 0) is real


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_boxes(rows):
    item = Labelled(make_sequence([(1, -1, 1.0, 1, 5, 5)] * rows), np.full(rows, -1))
    assert with_embeddings(item, EmbeddingSettings(dimension=3), 0).sequence.embeddings.shape == (rows, 3)


def test_a_recipe_may_ask_for_them():
    recipe = DatasetRecipe(format="sample", training=("TUD-Campus",), boxes=("annotations", "detections"))
    wanted = recipe.model_copy(update={"embeddings": EmbeddingSettings(dimension=5)})
    assert [item.sequence.embeddings for item in labelled_split(recipe, "training")] == [None, None]
    made = [item.sequence.embeddings for item in labelled_split(wanted, "training")]
    assert [vectors.shape[1] for vectors in made] == [5, 5]
