"""Whatever a step makes, it makes where the weights are; the accelerator that was named reaches Lightning."""

from __future__ import annotations

import pytest
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from torch import nn

from gnntrack.datasets.labelled import label_annotations
from gnntrack.errors import DataError
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
from gnntrack.training import StageData, device, loop
from gnntrack.training.job import Context, Job
from gnntrack.training.stages import train_stage
from gnntrack.training.step import weighted
from tests.training.elsewhere import Elsewhere, NothingByHand, OnCPUError, move
from tests.training.test_appearance import scattered
from tests.training.test_relinking_training import labelled as crossing
from tests.training.test_smoothing_training import TRACKING
from tests.training.test_smoothing_training import labelled as noisy_video

WINDOW = ModelRecipe(architecture=MessagePassingSettings(hidden=8, rounds=1))
ROLLOUT = {"epochs": 1, "steps": 1, "batch_size": 2, "length": 12, "window": 2}
STAGES = {
    "window": WindowStageSettings(epochs=1, batch_size=4),
    "window, learned": WindowStageSettings(epochs=1, batch_size=4, loss="unitrack-learned"),
    "association": AssociationStageSettings(**ROLLOUT),
    "association, learned": AssociationStageSettings(**ROLLOUT, loss="unitrack-learned"),
    "association, bce": AssociationStageSettings(**ROLLOUT, loss="bce"),
    "relinking": RelinkingStageSettings(
        network=TrackletNetworkSettings(hidden=4, rounds=1, members=1), clips=2, length=40, steps=1, batch_size=2
    ),
    "smoothing": SmoothingStageSettings(network=SmoothingNetworkSettings(hidden=4), steps=1, batch_size=8),
}


class Reached(Exception):  # noqa: N818  (no error)
    """The stage was built."""


def stage_of(name, two_walkers, monkeypatch):
    """A stage as the loop gets it, of little data."""
    settings, found = STAGES[name], []

    def catch(stage, *_):
        found.append(stage)
        raise Reached

    items = {"window": [label_annotations(two_walkers)], "relinking": crossing(), "smoothing": [noisy_video()]}
    training = items.get(settings.train, [scattered(frames=20)])
    shape = AssociationNetworkSettings(hidden=8, rounds=1, appearance=settings.train == "association")
    torch.manual_seed(0)
    recipe = WINDOW if settings.train == "window" else ModelRecipe(architecture=shape)
    if settings.train != "window":
        recipe = recipe.model_copy(update={"tracking": TrackingSettings.model_validate(TRACKING)})
    for module in ("association", "window", "relinking", "smoothing"):
        monkeypatch.setattr(f"gnntrack.training.{module}_training.fit", catch)
    with pytest.raises(Reached):
        train_stage(Job(build_model(recipe).eval(), recipe, StageData(training)), settings)
    return found[0]


def step(stage) -> None:
    """One step of training on the device that is not there."""
    move(stage)
    with NothingByHand():
        stage.begin(0, 0)
        stage.train()
        parts = stage(0)
        weighted(parts, [1.0] * len(parts)).backward()
        stage.after_step()
    learned = [parameter for parameter in stage.learned().parameters() if parameter.requires_grad]
    assert any(parameter.grad is not None and bool(parameter.grad.held.any()) for parameter in learned)


@pytest.mark.parametrize("name", STAGES)
def test_a_step_makes_nothing_on_the_cpu(name, two_walkers, monkeypatch):
    step(stage_of(name, two_walkers, monkeypatch))


@pytest.mark.parametrize("name", ["window", "association", "relinking", "smoothing"])
def test_the_test_would_see_it(name, two_walkers, monkeypatch):
    """A layer that adds a tensor that it made by hand, where tensors are made if nothing is said."""
    stage = stage_of(name, two_walkers, monkeypatch)
    layer = next(part for part in stage.learned().modules() if isinstance(part, nn.Linear))
    layer.register_forward_hook(lambda _, __, output: output + torch.zeros(output.shape))
    with pytest.raises(OnCPUError):
        step(stage)


class Fetches(NothingByHand):
    """Counts tensors that are fetched from the device that is not there."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        wanted = (kwargs or {}).get("device")
        self.count += wanted is not None and torch.device(wanted).type == "cpu" and isinstance(args[0], Elsewhere)
        return super().__torch_dispatch__(function, types, args, kwargs)


@pytest.mark.parametrize("rollouts", [1, 5])
def test_links_of_all_rollouts_are_fetched_at_once(rollouts, two_walkers, monkeypatch):
    """Once a frame: a GPU is waited for each time."""
    settings = AssociationStageSettings(**ROLLOUT | {"batch_size": rollouts}, loss="bce")
    monkeypatch.setitem(STAGES, "association", settings)
    stage = stage_of("association", two_walkers, monkeypatch)
    move(stage)
    stage.begin(0, 0)
    with Fetches() as seen:
        stage.train()(0)
    assert seen.count == settings.window


class Asked:
    """Takes the place of Lightning's Fabric."""

    def __init__(self, **options):
        self.options, self.strategy, self.device = options, options.get("strategy"), torch.device("cuda")
        self.world_size = int(options["devices"].rstrip(",")) * options["num_nodes"]


@pytest.mark.parametrize(
    ("devices", "nodes", "strategy", "shared", "precision"),
    [
        ("1", 1, "auto", False, "32-true"),
        ("2", 1, "auto", True, "16-mixed"),
        ("1", 1, "ddp", True, "bf16-mixed"),
        ("4", 2, "ddp", True, "32-true"),
    ],
)
@pytest.mark.parametrize("short", [False, True])
def test_what_was_asked_for_reaches_lightning(monkeypatch, devices, nodes, strategy, shared, precision, short):
    monkeypatch.setattr(device, "Fabric", Asked)
    for name, value in (("MASTER_ADDR", "head"), ("MASTER_PORT", "2000"), ("NODE_RANK", "1")):
        monkeypatch.setenv(name, value)
    name = precision.split("-")[0] if short else precision
    fabric = device.fabric_of("cuda", devices, nodes, strategy, name)
    assert isinstance(fabric.strategy, device.SharedBatches) is shared
    fabric.options.pop("strategy", None)
    assert fabric.options == {"accelerator": "cuda", "devices": devices, "num_nodes": nodes, "precision": precision}


def test_what_lightning_says_of_devices_is_one_line(monkeypatch):
    """All of it: that devices were asked for is no reason without those that there are."""

    def refuse(**options):
        raise MisconfigurationException("You requested gpu: [0, 1]\n But your machine only has: [0].")

    monkeypatch.setattr(device, "Fabric", refuse)
    with pytest.raises(DataError) as error:
        device.fabric_of("cuda", "2")
    assert str(error.value) == (
        "accelerator cuda, devices 2: You requested gpu: [0, 1] But your machine only has: [0]; "
        "leave them out to train on the CPU"
    )


def test_an_accelerator_that_is_not_there(monkeypatch):
    def refuse(**options):
        raise MisconfigurationException(
            "`CUDAAccelerator` can not run on your system since the accelerator is not available. The following"
            " accelerator(s) is available and can be passed into `accelerator` argument of `Fabric`: ['cpu']."
        )

    monkeypatch.setattr(device, "Fabric", refuse)
    with pytest.raises(DataError) as error:
        device.fabric_of("cuda", "1")
    assert str(error.value) == (
        "accelerator cuda, devices 1: not available on this machine; leave them out to train on the CPU"
    )


@pytest.mark.parametrize("name", ["window", "association", "relinking", "smoothing"])
def test_every_stage_is_trained_where_it_was_asked_for(name, two_walkers, monkeypatch):
    stage = stage_of(name, two_walkers, monkeypatch)
    monkeypatch.undo()

    class Stop(Exception):  # noqa: N818  (no error)
        pass

    class Door:
        device = torch.device("cpu")

        def to_device(self, module):
            assert module is stage

        def setup(self, module, optimizer):
            assert {*module.parameters()} == {*stage.learned().parameters()}
            raise Stop

    with pytest.raises(Stop):
        loop.fit(stage, loop.LoopSettings(1, 0.1, 0.0), Context(fabric=Door()))
