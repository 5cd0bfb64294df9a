"""Clips, rollouts and the window graphs that they make."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch

from gnntrack.datasets.labelled import Labelled, label_annotations
from gnntrack.datasets.sample import sample
from gnntrack.losses import build_loss, true_links
from gnntrack.models import AssociationNetworkSettings, AugmentationSettings
from gnntrack.training.augmentation import Boxes
from gnntrack.training.batches import WindowRecorder
from gnntrack.training.clips import ClipSource, overlay, stretch
from gnntrack.training.rollout import Rollout
from tests.conftest import make_sequence

STILL = AugmentationSettings(
    flip=0, jitter=0, drift=0, pan=0, doubt=0, drop=0, drop_run=0, spurious=0, skip=1, stretch=0, overlay=0
)


@pytest.fixture(scope="module")
def walkers() -> list[Labelled]:
    return [label_annotations(sample("TUD-Stadtmitte", "annotations"))]


def rollout(walkers, settings=STILL, own=0.0, seed=0, **options) -> Rollout:
    source = ClipSource(walkers, settings, length=40, **options)
    return Rollout(source, [seed], own, AssociationNetworkSettings())


def test_a_clip_that_is_not_changed_is_the_video(walkers):
    clip = ClipSource(walkers, STILL, length=10_000, reverse=0).draw(np.random.default_rng(0))
    sequence = walkers[0].sequence
    np.testing.assert_allclose(clip.detections[:, :2], sequence.xywh[:, :2] + 0.5 * sequence.xywh[:, 2:])
    np.testing.assert_array_equal(clip.identity, walkers[0].identity)
    assert clip.starts[-1] == len(clip.detections)


def test_backwards_is_backwards(walkers):
    forwards = ClipSource(walkers, STILL, length=10_000, reverse=0).draw(np.random.default_rng(0))
    backwards = ClipSource(walkers, STILL, length=10_000, reverse=1).draw(np.random.default_rng(0))
    assert (np.diff(backwards.detections[:, 4]) >= 0).all()
    np.testing.assert_allclose(backwards.detections[::-1, :4], forwards.detections[:, :4])


@pytest.mark.parametrize("seed", range(5))
def test_true_links_are_labelled_once(walkers, seed):
    """With perfect links every detection whose identity is alive has exactly one true candidate."""
    subject = rollout(walkers, seed=seed)
    for _ in range(60):
        subject.next()
        track, detection = subject.graph.ends
        true = subject.label
        assert len(np.unique(track[true])) == len(np.unique(detection[true])) == true.sum()
        before = subject.clip.identity[subject.pool.last_detection[track[true]]]
        np.testing.assert_array_equal(before, subject.clip.identity[subject.rows[detection[true]]])
        subject.commit(np.zeros(len(true)))


def test_a_false_positive_does_not_end_a_track():
    """Every third box of someone who stands still is a false positive; the next right one is still the track's."""
    box = [(frame, -1, 100.0, 100.0, 40.0, 80.0) for frame in range(1, 41)]
    identity = np.where(np.arange(1, 41) % 3 == 0, -1, 7)
    subject = rollout([Labelled(make_sequence(box), identity)], own=1.0, reverse=0.0)
    after = 0
    for _ in range(30):
        subject.next()
        if (
            subject.pool.last_detection[0] >= 0
            and subject.clip.identity[subject.pool.last_detection[0]] == -1
            and subject.real[0]
        ):
            assert subject.label.tolist() == [subject._owner[subject.pool.ids[0]] == 7]
            after += int(subject.label[0])
        subject.commit(np.ones(len(subject.label)))
    assert after > 3


def test_own_links_are_made(walkers):
    """A network that says no to everything gets a track a detection; one that knows the truth gets long tracks."""
    lengths = []
    for believe in (lambda subject: np.zeros(len(subject.label)), lambda subject: subject.label.astype(float)):
        subject = rollout(walkers, own=1.0)
        counts = []
        for _ in range(25):
            subject.next()
            counts.append(subject.pool.histories.count.max())
            subject.commit(believe(subject))
        lengths.append(max(counts))
    assert lengths[0] == 1
    assert lengths[1] > 5


def test_window_graphs_are_what_the_loss_takes(walkers):
    """Labels of several frames together are the links to each identity's next detection among the nodes."""
    subject = rollout(walkers)
    for _ in range(5):
        subject.next()
        subject.commit(np.zeros(len(subject.label)))
    subject.next()
    window = WindowRecorder(subject)
    for number in range(4):
        if number:
            subject.next()
        window.add(subject, torch.zeros(len(subject.label)))
        subject.commit(np.zeros(len(subject.label)))
    data = window.data()
    assert (data.frame[data.edge_index[0]] < data.frame[data.edge_index[1]]).all()
    assert torch.equal(data.frame[data.spatial_edge_index[0]], data.frame[data.spatial_edge_index[1]])
    known = true_links(data.edge_index, data.identity, data.frame)
    # a link that was forgotten on purpose leaves a younger track of the same identity behind: no others may differ
    assert (known.bool() != data.edge_label.bool()).float().mean() < 0.01
    logits = torch.zeros(data.num_edges, requires_grad=True)
    result = build_loss("unitrack")(logits, Batch.from_data_list([data]))
    result.total.backward()
    assert logits.grad.abs().sum() > 0


def boxes(*rows: tuple[float, float, int]) -> Boxes:
    """Boxes ``(x, y, frame)`` of 10 × 20, an identity each."""
    table = np.array(rows, dtype=float)
    box = np.column_stack([table[:, :2], np.full(len(rows), 10.0), np.full(len(rows), 20.0)])
    return Boxes(box, table[:, 2].astype(int), np.full(len(rows), 0.9), np.arange(len(rows)))


def test_overlay_hides_who_is_behind():
    """Two clips of one box, at about the same place: rarely do both stay, and never with one identity."""
    one, other = boxes((100, 100, 1)), boxes((300, 300, 1))
    sizes = []
    for seed in range(60):
        joined = overlay(one, other, np.random.default_rng(seed))
        assert len(set(joined.identity.tolist())) == len(joined.identity)
        sizes.append(len(joined.box))
    assert set(sizes) == {1, 2}


def test_clips_merge_who_overlaps(walkers):
    """With ``merge: 1`` some boxes of the video's crossings are gone, and their neighbours are wider."""
    length = {"length": 10_000, "reverse": 0.0}
    still = ClipSource(walkers, STILL, **length).draw(np.random.default_rng(0))
    merging = ClipSource(walkers, STILL.model_copy(update={"merge": 1.0}), **length).draw(np.random.default_rng(0))
    assert len(merging.detections) < len(still.detections)
    assert merging.detections[:, 2].max() > still.detections[:, 2].max()


def test_stretch_keeps_order_and_finite(walkers):
    clip = ClipSource(walkers, replace_stretch(0.5), length=40).draw(np.random.default_rng(3))
    assert np.isfinite(clip.detections).all()
    assert (clip.detections[:, 2:4] > 0).all()
    one = boxes((100, 100, 1), (200, 100, 1))
    view = clip.view
    same, same_view = stretch(one, view, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(same.box, one.box)
    assert same_view == view


def replace_stretch(amount: float) -> AugmentationSettings:
    return STILL.model_copy(update={"stretch": amount})


@pytest.mark.parametrize("own", [0.0, 1.0])
@pytest.mark.parametrize("frames", [0, 1, 25, 90])
def test_it_goes_on_from_its_memory(walkers, own, frames):
    """Who makes the links was decided when the clip began: the share of clips may have changed since."""
    changes = AugmentationSettings()
    one, other = rollout(walkers, changes, own, seed=3), rollout(walkers, changes, 1.0 - own, seed=3)
    rng = np.random.default_rng(0)
    for _ in range(frames):
        one.next()
        one.commit(rng.random(len(one.label)))
    other.restore(one.memory())
    other.own = own
    for _ in range(30):
        one.next()
        other.next()
        probability = rng.random(len(one.label))
        for name in one.graph._fields:
            np.testing.assert_array_equal(getattr(one.graph, name), getattr(other.graph, name))
        np.testing.assert_array_equal(one.label, other.label)
        one.commit(probability)
        other.commit(probability)
