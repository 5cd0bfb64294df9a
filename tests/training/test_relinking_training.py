"""Training of the tracklet network: it learns, the same each time, and leaves the association network alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    ModelRecipe,
    RelinkingStageSettings,
    TrackletMember,
    TrackletNetworkSettings,
    load_weights,
    save_weights,
)
from gnntrack.training.job import Job, StageData
from gnntrack.training.relinking_training import fit_member, link_loss, train_relinking_network
from gnntrack.training.tracklets import whole_graph
from tests.conftest import make_sequence
from tests.relinking.test_tracklets import VIEW, crossing
from tests.training.test_tracklets import tracked

SHAPE = TrackletNetworkSettings(hidden=8, rounds=1, members=2)


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    return AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()


def recipe(network: AssociationNetwork, **training: float) -> ModelRecipe:
    wanted = {"network": SHAPE, "clips": 4, "length": 40, "steps": 5, "batch_size": 2} | training
    return ModelRecipe(
        architecture=network.settings,
        tracking={"births": {"score": 0.0, "confidence": 0.3}, "links": {"threshold": 0.1}},
        stages=(RelinkingStageSettings(**wanted),),
    )


def trained(network, model_recipe, training, seed=0, validation=()):
    """The networks after the stage, and their recipe."""
    job = Job(network, model_recipe, StageData(training, list(validation)), seed)
    return train_relinking_network(job, model_recipe.stages[0])


def labelled() -> list:
    """Two people who pass."""
    detections, person = crossing()
    rows = [(*row[4:5], who, *(row[:2] - row[2:4] / 2), *row[2:4]) for row, who in zip(detections, person, strict=True)]
    return [label_annotations(make_sequence(rows))]


def graphs(seeds: range) -> list:
    """Crossings of all speeds; in half of them the tracker exchanges the two."""
    items = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        detections, track = crossing(int(rng.integers(36, 50)), rng.uniform(2, 5), exchanged=bool(seed % 2))
        person = np.tile([1, 2], len(detections) // 2)
        items += whole_graph(detections, person, tracked(track), VIEW, SHAPE)
    return items


def test_it_learns_to_undo_exchanges():
    """What the tracker did is wrong as often as right; only the motion tells."""
    torch.manual_seed(0)
    member, unseen = TrackletMember(SHAPE), graphs(range(100, 110))
    settings = RelinkingStageSettings(steps=150, batch_size=4, learning_rate=1e-2)
    fit_member(member, (graphs(range(20)), unseen), settings, 0)
    assert link_loss(member, unseen) < 0.1
    assert not member.training


def test_the_association_network_stays_as_it_was(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    both, made = trained(network, recipe(network), labelled(), 0, labelled())
    assert both.tracklets is not None
    assert made.architecture.tracklets == both.tracklets.settings == SHAPE
    after = both.state_dict()
    for name, value in before.items():
        torch.testing.assert_close(after[name], value, rtol=0, atol=0)


def test_the_same_seed_gives_the_same_network_and_members_differ(network):
    one, other = (trained(network, recipe(network), labelled(), 3)[0] for _ in range(2))
    for name, value in one.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value, rtol=0, atol=0)
    first, second = list(one.tracklets.members)[:2]
    assert not torch.equal(first.head.weight, second.head.weight)


def test_both_networks_come_back_from_disk(network, tmp_path):
    both, made = trained(network, recipe(network), labelled())
    save_weights(tmp_path / "both.safetensors", both, made)
    again, read = load_weights(tmp_path / "both.safetensors")
    assert read == made
    for name, value in both.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, rtol=0, atol=0)


def test_without_a_question_there_is_nothing_to_learn(network, two_walkers):
    with pytest.raises(DataError, match="no two tracklets to link"):
        trained(network, recipe(network), [label_annotations(two_walkers.take(np.arange(2)))])
