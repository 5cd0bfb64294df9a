"""The training loop: the best weights are kept, training stops early and says so, and the lines are right."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gnntrack.errors import DataError
from gnntrack.progress import Report
from gnntrack.training.job import Context
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.stage import FunctionStage, Validation

SETTINGS = LoopSettings(steps=25, learning_rate=0.1, weight_decay=0.0)


class Lines(Report):
    """Keeps what was said."""

    def __init__(self):
        self.said = []

    def line(self, text):
        self.said.append(text)


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(1, 1)


def train(network, judge=None, settings=SETTINGS, name=""):
    report = Lines()
    stage = FunctionStage(network, lambda rng, ranks: (network(torch.ones(1)).square().sum(), 1), 10, 0, judge)
    fit(stage, settings, Context(report=report), name)
    return report.said


def test_without_a_judge_the_last_weights_stay():
    network = line()
    said = train(network)
    assert abs(network(torch.ones(1)).item()) < 0.1
    assert [text.split(": loss")[0] for text in said] == [
        "epoch 1/3, step 10/25",
        "epoch 2/3, step 20/25",
        "epoch 3/3, step 25/25",
        "kept the last weights: nothing was validated",
    ]
    assert not network.training


def test_what_is_shown_and_chooses_nothing_is_told():
    said = train(line(), lambda ranks: Validation("validation loss 7", {"validation/total": 7.0}))
    assert said[0] == "start: validation loss 7"
    assert said[3].endswith(", validation loss 7")
    assert said[4] == "kept the last weights: validation is shown, and chooses none"


def test_the_weights_with_the_best_score_are_kept():
    """Scores 0 at the start, then 1, 3, 2 after 10, 20 and 25 steps: the weights after 20 stay."""
    network = line()
    scores, weights = iter([0.0, 1.0, 3.0, 2.0]), []

    def judge(ranks) -> Validation:
        assert not network.training
        weights.append(network.weight.item())
        score = next(scores)
        return Validation(f"score {score:g}", {}, score)

    said = train(network, judge, name="network 1 of 3")
    assert len(set(weights)) == 4
    assert network.weight.item() == weights[2]
    assert [text.rpartition("score ")[2] for text in said[:4]] == ["0", "1 (best)", "3 (best)", "2 (best: epoch 2)"]
    assert said[0] == "network 1 of 3, start: score 0"
    assert said[4:] == ["network 1 of 3, kept the weights of epoch 2: score 3 (start: score 0)"]


def test_stopping_early_says_so_and_why():
    network = line()
    scores = iter([0.0, 5.0, 4.0, 4.5])

    def judge(ranks) -> Validation:
        score = next(scores)
        return Validation(f"score {score:g}", {}, score)

    said = train(network, judge, LoopSettings(100, 0.1, 0.0, patience=2))
    assert len(said) == 6
    assert said[3].startswith("epoch 3/10, step 30/100: loss ")
    assert said[4] == "stopped early after epoch 3 of 10: 2 epochs without a better score than score 5 (patience: 2)"
    assert said[5] == "kept the weights of epoch 1: score 5 (start: score 0)"


def test_the_last_epoch_does_not_stop_early():
    scores = iter([0.0, 5.0, 4.0])
    said = train(line(), lambda ranks: Validation("so", {}, next(scores)), LoopSettings(20, 0.1, 0.0, patience=1))
    assert not any("early" in text for text in said)


def test_a_loss_that_is_no_number():
    network = line()
    stage = FunctionStage(network, lambda rng, ranks: (network.weight.sum() * torch.nan, 1), 10, 0)
    with pytest.raises(DataError, match="loss is nan; lower the learning rate"):
        fit(stage, SETTINGS)


@pytest.mark.parametrize(("scores", "kept"), [([0.0, -1.0, 0.0, -2.0], 0), ([0.0, -1.0, 2.0, 1.0], 2)])
def test_where_the_start_counts_it_stays_unless_an_epoch_is_better(scores, kept):
    network, left, weights = line(), iter(scores), []

    def judge(ranks) -> Validation:
        weights.append(network.weight.item())
        score = next(left)
        return Validation(f"score {score:g}", {}, score)

    report = Lines()
    stage = FunctionStage(network, lambda rng, ranks: (network(torch.ones(1)).square().sum(), 1), 10, 0, judge)
    stage.start_counts = True
    fit(stage, SETTINGS, Context(report=report))
    assert len(set(weights)) == 4
    assert network.weight.item() == weights[kept]
    assert report.said[1].endswith("score -1 (best: the start)")
    said = {
        0: "kept the weights of the start: no epoch has a higher score",
        2: "kept the weights of epoch 2: score 2 (start: score 0)",
    }
    assert report.said[-1] == said[kept]
