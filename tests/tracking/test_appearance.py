"""Embeddings in tracking: they decide where boxes cannot, in both modes, and odd ones are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gnntrack.association import linker as linking
from gnntrack.association.compiled_network import Scores
from gnntrack.association.usefulness import Usefulness
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    ModelRecipe,
    RelinkingSettings,
    TrackingSettings,
    TrackletNetwork,
    TrackletNetworkSettings,
)
from gnntrack.recipes import changed as changed_settings
from gnntrack.relinking import correction
from gnntrack.relinking import online as identities
from gnntrack.relinking import scoring as relinking
from gnntrack.relinking.tracklets import appearance_of
from gnntrack.sequence import Sequence
from gnntrack.tracking import Tracker, track_offline, track_online
from tests.conftest import Detections, make_sequence
from tests.relinking.test_tracklets import VIEW, crossing

WALK = [[100.0, 100, 140, 200, 0.9, 1], [300.0, 100, 340, 200, 0.9, 1]]
RED, BLUE = [1.0, 0.0], [0.0, 1.0]


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    shape = AssociationNetworkSettings(hidden=8, rounds=1, appearance=True)
    return AssociationNetwork(shape).eval()


@pytest.fixture
def by_look(monkeypatch):
    """In the networks' place: links what looks alike."""

    def score(weights, graph, objects=True):
        probability = np.where(graph.appearance[:, 1] > 0.7, 0.9, 0.05)
        return Scores([np.log(probability / (1 - probability))], probability, np.full(len(graph.future), 5.0))

    monkeypatch.setattr(linking, "fast_associate", score)
    monkeypatch.setattr(relinking, "fast_associate", score)
    monkeypatch.setattr(Usefulness, "share", property(lambda self: 1.0))


def recipe(network: AssociationNetwork, tracking: dict[str, object] | None = None) -> ModelRecipe:
    """With settings of tracking, by path."""
    wanted = {"births.score": 0.0, "offline.minimum_length": 1, "boxes.interpolate": 0} | (tracking or {})
    return ModelRecipe(architecture=network.settings, tracking=changed_settings(TrackingSettings(), wanted))


def dancers(frames: int = 30) -> tuple[Sequence, np.ndarray]:
    """Two people side by side who change places every third frame; each keeps the same embedding. Who is who?"""
    rows, vectors, person = [], [], []
    for frame in range(frames):
        left = frame // 3 % 2
        for place in range(2):
            rows.append((frame + 1, -1, 100.0 + 25 * place, 100.0, 40.0, 100.0))
            person.append(place ^ left)
            vectors.append((RED, BLUE)[place ^ left])
    return make_sequence(rows, embeddings=np.array(vectors)), np.array(person)


@pytest.mark.usefixtures("by_look")
@pytest.mark.parametrize("run", [track_online, track_offline])
def test_who_looks_alike_is_followed(run, network):
    boxes, person = dancers()
    tracks = run(boxes, network, recipe(network))
    identity = tracks.boxes["id"].to_numpy()
    assert len(tracks) == len(boxes)
    assert len(set(zip(identity, person[tracks.boxes["detection"]], strict=True))) == 2
    blind = run(replace(boxes, embeddings=None), network, recipe(network))
    assert blind.boxes["id"].nunique() > 2  # nothing looks alike where nothing is known


@pytest.mark.usefixtures("by_look")
@pytest.mark.parametrize("run", [track_online, track_offline])
def test_the_tracklet_network_sees_it_too(run, network, monkeypatch):
    """The tracker follows boxes; when the two stand apart again, the tracklets that look alike are linked::

    red    ●●●●●●●●╲ ╱●●●●●●●●●
    blue   ●●●●●●●●╱ ╲●●●●●●●●●    the tracker bounced, they crossed
    """
    rows, vectors = [], []
    for frame in range(40):
        apart = abs(frame - 20) * 6.0
        for place in range(2):
            rows.append((frame + 1, -1, 300.0 + (apart if place else -apart), 100.0, 40.0, 100.0))
            vectors.append(RED if (place == 0) == (frame < 20) else BLUE)
    boxes = make_sequence(rows, embeddings=np.array(vectors))

    def by_place(weights, graph, objects=True):
        offset = np.abs(np.sinh(graph.edge_attr[:, 0])) / 2
        probability = np.where(offset < 0.1, 0.8, 0.05)
        return Scores([probability], probability, np.full(len(graph.future), 5.0))

    monkeypatch.setattr(linking, "fast_associate", by_place)
    torch.manual_seed(0)
    shape = TrackletNetworkSettings(hidden=8, rounds=1, members=1, appearance=True)
    with_tracklets = AssociationNetwork(network.settings.model_copy(update={"tracklets": shape})).eval()
    red = np.array(vectors)[:, 0] == 1.0
    for model, kept in ((network, False), (with_tracklets, True)):
        tracks = run(boxes, model, recipe(model))
        table = tracks.boxes.assign(red=red[tracks.boxes["detection"]])
        first, last = (table[(table["frame"] == frame) & table["red"]]["id"].item() for frame in (1, 40))
        assert (first == last) == kept


def test_a_decision_sees_the_newest_boxes_too(monkeypatch):
    """Whenever identities are decided, every box of the window has its vector, also those of the frame at hand."""
    detections, track = crossing(exchanged=True)
    detections = np.concatenate([detections, np.ones((len(detections), 2))], axis=1)
    torch.manual_seed(0)
    network = TrackletNetwork(TrackletNetworkSettings(hidden=8, rounds=1, members=1, appearance=True)).eval()
    known = []

    def spy(boxes, *arguments):
        known.append(boxes[:, 6:])
        return appearance_of(boxes, *arguments)

    monkeypatch.setattr(correction, "appearance_of", spy)
    subject = identities.Identities(network.compiled(), RelinkingSettings(), VIEW, 60)
    known.clear()
    for frame in np.unique(detections[:, 4]):
        here = detections[:, 4] == frame
        subject.show(detections[here], track[here], np.full(here.sum(), 0.5))
    assert known
    assert all(vectors.all() for vectors in known)


def test_odd_embeddings_are_refused(network):
    tracker = Tracker(network, recipe(network))
    tracker.update(np.array(WALK), np.eye(2))
    tracker.update(np.zeros((0, 6)), np.zeros((0, 0)))
    tracker.update(np.array(WALK))  # a frame without
    with pytest.raises(DataError, match="embeddings of 3 numbers after some of 2; use one appearance model"):
        tracker.update(np.array(WALK), np.eye(3)[:2])
    with pytest.raises(DataError, match=r"update: embeddings of shape \(1, 2\) for 2 boxes"):
        tracker.update(np.array(WALK), np.eye(2)[:1])
    with pytest.raises(DataError, match="an embedding is not finite"):
        tracker.update(np.array(WALK), np.full((2, 2), np.nan))
    tracker.reset()
    tracker.update(np.array(WALK), np.eye(3)[:2])


def test_weights_that_do_not_look_say_so():
    plain = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()
    with pytest.raises(DataError, match="these weights do not use embeddings; leave them out"):
        Tracker(plain, recipe(plain)).update(np.array(WALK), np.eye(2))


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_sequences_with_embeddings_suit_weights_that_do_not_look(run):
    """The same tracks with and without: a file of vectors beside the boxes does no harm."""
    torch.manual_seed(0)
    plain = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()
    boxes, _ = dancers(6)
    one, other = (run(detections, plain, recipe(plain)) for detections in (boxes, replace(boxes, embeddings=None)))
    np.testing.assert_array_equal(one.boxes["id"], other.boxes["id"])


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_embeddings_that_tell_nothing_change_nothing(run, network, monkeypatch):
    """Although the branch has an opinion on them."""
    monkeypatch.setattr(Usefulness, "share", property(lambda self: 0.0))
    boxes, _ = dancers(20)
    one, other = (run(each, network, recipe(network)) for each in (boxes, replace(boxes, embeddings=None)))
    np.testing.assert_array_equal(one.boxes, other.boxes)


@pytest.mark.parametrize("length", [1e-30, 1e30])
@pytest.mark.filterwarnings("error")
def test_length_does_not_matter(length, network):
    trackers = [Tracker(network, recipe(network)) for _ in range(2)]
    for frame in range(4):
        boxes = np.array(WALK) + np.array([5.0 * frame, 0, 5.0 * frame, 0, 0, 0])
        one, other = (
            tracker.update(boxes, size * np.eye(2)) for tracker, size in zip(trackers, (1, length), strict=True)
        )
        np.testing.assert_array_equal(one, other)


def test_supervision_takes_them_too(network):
    detections = Detections(xyxy=np.array(WALK)[:, :4], confidence=np.array([0.9, 0.9]))
    assert Tracker(network, recipe(network)).update(detections, np.eye(2)).tracker_id.tolist() == [1, 2]
