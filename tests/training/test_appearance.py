"""Training with embeddings: what clips make of them, and that a network learns to use them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.datasets.labelled import Labelled, label_annotations
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.losses import build_loss
from gnntrack.models import (
    AssociationNetworkSettings,
    AssociationStageSettings,
    AugmentationSettings,
    ModelRecipe,
    RelinkingStageSettings,
    TrackletNetworkSettings,
    build_model,
    load_weights,
    save_weights,
)
from gnntrack.tracking import track_online
from gnntrack.training import WEIGHTS, RunOptions, train
from gnntrack.training.augmentation import Boxes, augment, blurred
from gnntrack.training.clips import ClipSource, overlay
from gnntrack.training.job import Job, StageData
from gnntrack.training.relinking_training import train_relinking_network
from tests.conftest import make_sequence
from tests.training.test_rollout import STILL

OVERLAID = STILL.model_copy(update={"overlay": 0.2})
SEEING = AssociationNetworkSettings(hidden=16, rounds=1, appearance=True)


def scattered(seed: int = 0, frames: int = 60, people: int = 4) -> Labelled:
    """People who are somewhere else in every frame: places say nothing, embeddings all."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(people, 8))
    rows, vectors = [], []
    for frame in range(1, frames + 1):
        for person in range(people):
            rows.append((frame, person, *rng.uniform(50, 250, 2), 40.0, 80.0))
            vectors.append(own[person] + 0.1 * rng.normal(size=8))
    return label_annotations(make_sequence(rows, embeddings=np.array(vectors)))


def recipe(shape: AssociationNetworkSettings, **training: object) -> ModelRecipe:
    wanted = {"epochs": 1, "batch_size": 6, "learning_rate": 0.01, "augmentation": STILL}
    wanted |= {"length": 30, "window": 2, "steps": 60} | training
    return ModelRecipe(architecture=shape, stages=(AssociationStageSettings(**wanted),))


def relinked(items, model, model_recipe, **training):
    """The networks after a relinking stage, and their recipe."""
    settings = RelinkingStageSettings(
        **{"clips": 3, "length": 30, "steps": 3, "batch_size": 2, "augmentation": OVERLAID} | training
    )
    return train_relinking_network(Job(model, model_recipe, StageData(items)), settings)


def test_it_learns_who_is_who(tmp_path):
    """Embeddings keep tracks together where positions are random."""
    unseen = scattered(seed=1)
    kept = []
    for appearance in (True, False):
        wanted = recipe(SEEING.model_copy(update={"appearance": appearance}))
        options = RunOptions(progress=False, overwrite=True)
        model = train([scattered()], wanted, build_loss("softmax"), tmp_path, options)
        tracks = track_online(unseen.sequence, model, wanted)
        identity = unseen.identity[tracks.boxes["detection"]]
        pairs = np.unique(np.stack([tracks.boxes["id"], identity]), axis=1, return_counts=True)[1]
        kept.append(pairs.max() / 60)
    assert kept[0] > 0.8 > 0.5 > kept[1]


def test_without_any_embedding_there_is_nothing_to_learn(tmp_path):
    plain = [label_annotations(sample("TUD-Stadtmitte", "annotations"))]
    with pytest.raises(DataError, match="no sequence has embeddings"):
        train(plain, recipe(SEEING), build_loss("softmax"), tmp_path / "run", RunOptions(progress=False))
    assert not (tmp_path / "run").exists()
    shape = SEEING.model_copy(update={"tracklets": TrackletNetworkSettings(hidden=8, members=1, appearance=True)})
    model_recipe = recipe(shape)
    with pytest.raises(DataError, match="no sequence has embeddings"):
        relinked(plain, build_model(model_recipe), model_recipe, freeze=("boxes",))


def test_the_tracklet_network_follows_the_association_network(tmp_path):
    """It uses embeddings if the association network does, whatever its own recipe says."""
    model_recipe = recipe(SEEING, length=20, window=4, steps=2)
    model = train(
        [scattered()], model_recipe, build_loss("softmax"), tmp_path, RunOptions(progress=False, overwrite=True)
    )
    both, _ = relinked(
        [scattered()], model, model_recipe, network=TrackletNetworkSettings(hidden=8, rounds=1, members=1)
    )
    assert both.tracklets.settings.appearance
    track_online(scattered(seed=1).sequence, both, model_recipe)


def test_vectors_stay_with_their_boxes():
    """Whatever is dropped, hidden or turned round, a box keeps the vector of its identity."""
    item = scattered()
    person = {tuple(look): who for look, who in zip(item.sequence.embeddings, item.identity, strict=True)}
    boxes = Boxes(
        item.sequence.xywh, item.sequence.frames, np.ones(len(item.identity)), item.identity, item.sequence.embeddings
    )
    changed = augment(boxes, 640, AugmentationSettings(spurious=1.0, drop_run=0.5), np.random.default_rng(0))
    true = changed.identity >= 0
    assert (~true).any() and len(changed.embeddings) == len(changed.box)
    assert [person[tuple(look)] for look in changed.embeddings[true]] == changed.identity[true].tolist()
    clip = ClipSource([item], STILL, length=30, reverse=1, appearance=True).draw(np.random.default_rng(0))
    assert clip.detections.shape[1] == 6 + 8
    assert ClipSource([item], STILL, length=30).draw(np.random.default_rng(0)).detections.shape[1] == 6


def test_blur_and_blindness():
    vectors, rng = np.random.default_rng(0).normal(size=(5, 64)), np.random.default_rng(1)
    vectors[0] = 0.0
    still = AugmentationSettings(blur=0, blind=0)
    np.testing.assert_allclose(np.linalg.norm(blurred(vectors, still, rng), axis=1), [0, 1, 1, 1, 1])
    assert not blurred(vectors, AugmentationSettings(blind=1), rng).any()
    noisy = blurred(vectors, AugmentationSettings(blur=1, blind=0), rng)
    assert not noisy[0].any()  # what is not known stays so
    cosine = (noisy[1:] * vectors[1:]).sum(1) / np.linalg.norm(noisy[1:], axis=1) / np.linalg.norm(vectors[1:], axis=1)
    assert (cosine < 0.999).all() and (cosine > 0.5).all()


@pytest.mark.parametrize(("one", "other", "columns"), [(3, 3, 3), (3, 0, 3), (0, 3, 3), (3, 2, 5), (0, 0, 0)])
def test_strangers_never_look_alike(one, other, columns):
    """Clips of two appearance models: vectors of each have columns of their own."""

    def clip(width: int) -> Boxes:
        box = np.array([[100.0, 100, 40, 80], [300.0, 100, 40, 80]])
        return Boxes(box, np.ones(2, dtype=int), np.ones(2), np.arange(2), np.ones((2, width)))

    joined = overlay(clip(one), clip(other), np.random.default_rng(0))
    assert joined.embeddings.shape == (len(joined.box), columns)
    if one != other:
        likeness = joined.embeddings @ joined.embeddings.T
        mine = joined.identity < 2
        assert not likeness[mine][:, ~mine].any()


def changed(before: torch.nn.Module, after: torch.nn.Module) -> set[str]:
    """Names of the weights that are not the same to the bit."""
    old, new = before.state_dict(), after.state_dict()
    return {name for name in new if name not in old or not torch.equal(old[name], new[name])}


def test_appearance_alone_is_learned(tmp_path):
    """Weights trained on boxes get an appearance branch; the other weights do not change."""
    members = TrackletNetworkSettings(hidden=8, rounds=1, members=2)
    blind = AssociationNetworkSettings(hidden=16, rounds=1, tracklets=members)
    torch.manual_seed(0)
    before = build_model(ModelRecipe(architecture=blind))
    save_weights(tmp_path / "blind.safetensors", before, ModelRecipe(architecture=blind))
    model_recipe = recipe(blind, freeze=("boxes",), length=20, window=4, steps=3)
    options = RunOptions(progress=False, start=tmp_path / "blind.safetensors")
    model = train([scattered()], model_recipe, build_loss("softmax"), tmp_path / "run", options)
    names = {f"appearance.{layer}.{part}" for layer in ("first", "second") for part in ("weight", "bias")}
    branch = {f"tracklets.members.{member}.{name}" for member in range(2) for name in names}
    assert changed(before, model) == names | branch
    assert model.appearance.second.weight.any()
    assert not model.tracklets.members[0].appearance.second.weight.any()
    model_recipe = model_recipe.model_copy(update={"architecture": model.settings})
    both, shape = relinked([scattered()], model, model_recipe, freeze=("boxes",), network=members)
    assert changed(model, both) == branch
    assert load_weights(tmp_path / "run" / WEIGHTS)[1].stages == model_recipe.stages
    assert shape.architecture == both.settings


def test_appearance_alone_needs_weights_to_begin_with(tmp_path):
    model_recipe = recipe(SEEING, freeze=("boxes",))
    with pytest.raises(DataError, match=r"the stage association freezes weights that are not there yet.*--start"):
        train([scattered()], model_recipe, build_loss("softmax"), tmp_path / "run", RunOptions(progress=False))
    assert not (tmp_path / "run").exists()
    with pytest.raises(DataError, match="needs a tracklet network with an appearance branch"):
        relinked([scattered()], build_model(model_recipe), model_recipe, freeze=("boxes",))


def test_videos_without_embeddings_teach_the_rest(tmp_path):
    """Appearance weights train on videos without embeddings; a new tracklet network then has no appearance branch."""
    model_recipe = recipe(SEEING, length=20, window=4, steps=3, weight_decay=0.5)
    before = build_model(model_recipe)
    save_weights(tmp_path / "seeing.safetensors", before, model_recipe)
    plain = [label_annotations(sample("TUD-Stadtmitte", "annotations"))]
    options = RunOptions(progress=False, start=tmp_path / "seeing.safetensors")
    model = train(plain, model_recipe, build_loss("softmax"), tmp_path / "run", options)
    assert changed(before, model)
    assert not any(name.startswith("appearance.") for name in changed(before, model))
    members = TrackletNetworkSettings(hidden=8, rounds=1, members=1)
    both, _ = relinked(plain, model, model_recipe, network=members)
    assert not both.tracklets.settings.appearance
    track_online(scattered().sequence, both, model_recipe)


def test_boxes_alone_teach_the_rest(tmp_path):
    """With ``freeze: [appearance]`` embeddings are not used, though the videos have some."""
    model_recipe = recipe(SEEING, freeze=("appearance",), length=20, window=4, steps=3)
    before = build_model(model_recipe)
    save_weights(tmp_path / "seeing.safetensors", before, model_recipe)
    options = RunOptions(progress=False, start=tmp_path / "seeing.safetensors")
    model = train([scattered()], model_recipe, build_loss("softmax"), tmp_path / "run", options)
    assert changed(before, model)
    assert not any(name.startswith("appearance.") for name in changed(before, model))
    with pytest.raises(DataError, match="freezes weights that are not there yet"):
        train([scattered()], model_recipe, build_loss("softmax"), tmp_path / "other", RunOptions(progress=False))
    assert not (tmp_path / "other").exists()


def test_a_tracklet_network_learns_on_from_boxes(tmp_path):
    """It continues from its weights; the appearance branch stays, if it is frozen. From scratch, a new one is made."""
    members = TrackletNetworkSettings(hidden=8, rounds=1, members=1, appearance=True)
    wanted = members.model_copy(update={"appearance": False})  # training finds out by itself
    slowly = {"network": wanted, "steps": 2, "weight_decay": 0.0, "learning_rate": 1e-9}
    torch.manual_seed(0)
    shape = SEEING.model_copy(update={"tracklets": members})
    model = build_model(recipe(shape)).eval()
    model_recipe, frozen = recipe(shape), {"freeze": ("appearance",)}
    after, _ = relinked([scattered()], model, model_recipe, **slowly, **frozen)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(after.state_dict()[name], value, atol=1e-6, rtol=0)
    quickly = slowly | {"learning_rate": 0.01}
    names = changed(model, relinked([scattered()], model, model_recipe, **quickly, **frozen)[0])
    assert names
    assert all(name.startswith("tracklets.") and "appearance." not in name for name in names)
    assert len(changed(model, relinked([scattered()], model, model_recipe, **quickly)[0])) > len(names)
    anew, _ = relinked([scattered()], model, model_recipe, **slowly, from_scratch=True)
    assert not torch.allclose(anew.tracklets.members[0].head.weight, model.tracklets.members[0].head.weight)
