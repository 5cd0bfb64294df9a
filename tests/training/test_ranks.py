"""However many processes share out a batch, its loss, its gradient and its figures are those of the whole batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings
from gnntrack.losses import LossSettings, build_loss
from gnntrack.losses.weighting.weights import LaplacianWeighting
from gnntrack.models import (
    AssociationNetworkSettings,
    AssociationStageSettings,
    MessagePassingSettings,
    ModelRecipe,
    RelinkingStageSettings,
    SmoothingNetworkSettings,
    SmoothingStageSettings,
    TrackingSettings,
    TrackletNetworkSettings,
    WindowStageSettings,
    build_model,
)
from gnntrack.training import StageData
from gnntrack.training.agreement import agree
from gnntrack.training.job import Job
from gnntrack.training.means import Means
from gnntrack.training.ranks import ALONE, Ranks
from gnntrack.training.stages import train_stage
from gnntrack.training.step import weighted
from tests.training.test_appearance import scattered
from tests.training.test_relinking_training import labelled as crossing
from tests.training.test_smoothing_training import TRACKING
from tests.training.test_smoothing_training import labelled as noisy_video
from tests.training.together import together

SUMMED = LossSettings.model_validate({"link": {}, "unitrack": {"reduction": "sum", "weighting": "fixed"}})
ROLLOUT = {"epochs": 1, "steps": 3, "batch_size": 5, "length": 14, "window": 2}
STAGES = {
    "window": WindowStageSettings(epochs=1, batch_size=5),
    "window, bce": WindowStageSettings(epochs=1, batch_size=5, loss="bce"),
    "association": AssociationStageSettings(**ROLLOUT),
    "association, focal": AssociationStageSettings(**ROLLOUT, loss="focal"),
    "association, bce-unitrack": AssociationStageSettings(**ROLLOUT, loss="bce-unitrack"),
    "association, paths": AssociationStageSettings(**ROLLOUT, loss="softmax-path"),
    "association, own tracks": AssociationStageSettings(**ROLLOUT, labels="tracks"),
    "relinking": RelinkingStageSettings(
        network=TrackletNetworkSettings(hidden=4, rounds=2, members=1, dropout=0.0),
        clips=4,
        length=40,
        steps=3,
        batch_size=7,
    ),
    "smoothing": SmoothingStageSettings(
        network=SmoothingNetworkSettings(hidden=4, dropout=0.0), copies=0, steps=3, batch_size=10
    ),
}


class Reached(Exception):  # noqa: N818  (no error)
    """The stage was built."""


@pytest.fixture
def make(two_walkers, monkeypatch):
    """Builds a stage as the loop gets it, the same every time."""

    def stage_of(name, loss=None):
        settings, found = STAGES[name], []

        def catch(stage, *_):
            found.append(stage)
            raise Reached

        items = {"window": [label_annotations(two_walkers)], "relinking": crossing(), "smoothing": [noisy_video()] * 2}
        training = items.get(settings.train, [scattered(frames=30)])
        tracking = TrackingSettings.model_validate(TRACKING)
        recipe = ModelRecipe(architecture=AssociationNetworkSettings(hidden=8, rounds=2), tracking=tracking)
        if settings.train == "window":
            graph = GraphSettings(window=6, stride=2, max_gap=4)
            recipe = ModelRecipe(architecture=MessagePassingSettings(hidden=8, rounds=2, dropout=0.0), graph=graph)
        for module in ("association", "window", "relinking", "smoothing"):
            monkeypatch.setattr(f"gnntrack.training.{module}_training.fit", catch)
        torch.manual_seed(0)
        job = Job(build_model(recipe).eval(), recipe, StageData(training, training, loss), fresh=True)
        with pytest.raises(Reached):
            train_stage(job, settings)
        return found[0]

    return stage_of


def trained(stage, ranks: Ranks, steps: int = 3):
    """Loss and gradient of the last step, figures of all steps, memory and validation, as one of the ranks has them."""
    stage.ranks = ranks
    stage.eval()
    stage.begin(0, 0)
    for step in range(min(steps, stage.steps)):
        for module in stage.modules():
            module.training = isinstance(module, LaplacianWeighting)  # no dropout
        parts = stage(step)
        shares = ranks.shares(stage.found.counts)
        loss = weighted(parts, shares)
        stage.log(float(loss.detach()), shares)
        agree(stage, ranks)
        stage.zero_grad()
        loss.backward()
    learned = [parameter for parameter in stage.learned().parameters() if parameter.requires_grad]
    slope = torch.cat([torch.zeros_like(one).flatten() if one.grad is None else one.grad.flatten() for one in learned])
    remembered = [float(part.running) for part in stage.modules() if isinstance(part, LaplacianWeighting)]
    means = Means.merged(ranks.gather(stage.means.sums)).values()
    stage.eval()
    return float(loss.detach()), slope, means, stage.memory(), stage.validate(lambda: ranks.any(False)), remembered


def test_the_last_batch_has_fewer_windows_than_there_are_processes(make):
    """Eight in batches of five: of the last three, the fourth of four processes has none in the test below."""
    stage = make("window")
    assert (len(stage.windows), stage.batch_size) == (8, 5)


@pytest.mark.parametrize(("name", "count"), [("window", 4), *((name, 3) for name in STAGES)])
def test_the_loss_is_that_of_the_whole_batch(make, name, count):
    whole, slope, figures, memory, judged, remembered = trained(make(name), ALONE)
    stages = [make(name) for _ in range(count)]
    parts = together(count, lambda ranks: trained(stages[ranks.rank], ranks))
    assert sum(part[0] for part in parts) == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(sum(part[1] for part in parts), slope, rtol=1e-3, atol=1e-6)
    assert whole and bool(slope.any())
    for _, _, means, kept, validation, running in parts:
        assert means == pytest.approx(figures, rel=1e-4)
        assert repr(kept) == repr(memory)
        assert validation.figures == pytest.approx(judged.figures, rel=1e-5)
        assert validation.figures == parts[0][4].figures
        assert running == pytest.approx(remembered)


def test_sums_are_not_shared_out(make):
    """UniTrack as a sum over graphs beside a link loss that is a mean."""
    whole, slope, *_ = trained(make("window", build_loss(SUMMED)), ALONE)
    stages = [make("window", build_loss(SUMMED)) for _ in range(3)]
    parts = together(3, lambda ranks: trained(stages[ranks.rank], ranks))
    assert sum(part[0] for part in parts) == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(sum(part[1] for part in parts), slope, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("items", range(8))
def test_what_is_shared_out_comes_back_in_order(items):
    found = together(3, lambda ranks: (ranks.share(range(items)), ranks.joined(ranks.share(range(items)))))
    assert sorted(item for mine, _ in found for item in mine) == list(range(items))
    assert all(joined == list(range(items)) for _, joined in found)
    squares = together(3, lambda ranks: ranks.each(list(range(items)), lambda item: item**2))
    assert squares == [[item**2 for item in range(items)]] * 3


def test_where_one_fails_all_end_and_one_says_why():
    def work(ranks: Ranks):
        ranks.speaks = ranks.rank == 0

        def fail() -> int:
            if ranks.rank == 2:
                raise DataError("video is broken", path="a.txt")
            return 7

        try:
            return ranks.together(fail)
        except (DataError, SystemExit) as error:
            return error

    found = together(3, work)
    assert str(found[0]) == "process 3: a.txt: video is broken"
    assert [error.code for error in found[1:]] == [2, 2]
    assert together(2, lambda ranks: ranks.together(lambda: ranks.rank)) == [0, 1]


def test_shares_of_nothing():
    """A mean over no true link was divided by 1, as it is in one process."""
    assert together(2, lambda ranks: ranks.shares([3 * ranks.rank, 0, None])) == [[1 / 3, 1, 1], [1, 1, 1]]
    np.testing.assert_allclose(ALONE.shares([5, None]), 1)
