"""Frames of several rollouts side by side: the graph that PyG's batch of them would be."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import Batch

from gnntrack.association.data import as_data
from gnntrack.association.histories import BOX
from gnntrack.datasets.labelled import label_annotations
from gnntrack.models import AssociationNetworkSettings
from gnntrack.models.augmentation_settings import AugmentationSettings
from gnntrack.training.batches import frame_batch
from gnntrack.training.clips import ClipSource
from gnntrack.training.rollout import Rollout


def test_the_same_as_a_batch_of_pyg(two_walkers):
    source = ClipSource([label_annotations(two_walkers)], AugmentationSettings(), length=15)
    rollouts = [Rollout(source, [0, number], 0.0, AssociationNetworkSettings(hidden=8)) for number in range(4)]
    for _ in range(3):
        for rollout in rollouts:
            rollout.next()
        joined = frame_batch(rollouts)
        expected = Batch.from_data_list([as_data(rollout.graph, rollout.label) for rollout in rollouts])
        for name in expected.keys():  # noqa: SIM118  (no mapping)
            if name not in ("batch", "ptr"):
                assert torch.equal(joined[name], expected[name]), name
                assert joined[name].dtype == expected[name].dtype, name
        assert joined.edge_label.any() and joined.edge_index.shape[1] > 8
        boxes = np.concatenate(
            [rows[:, BOX] for one in rollouts for rows in (one.pool.histories.newest, one.detections)]
        )
        np.testing.assert_allclose(joined.pos, boxes[:, :2])
        assert torch.equal(joined.frame, joined.future.long()) and torch.equal(joined.time, joined.future.float())
        for rollout in rollouts:
            rollout.commit(np.zeros(len(rollout.label)))
