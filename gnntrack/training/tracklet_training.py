"""Training of the tracklet network: it learns to mend the tracks that the association network makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch

from gnntrack.association.data import as_data
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import observed
from gnntrack.datasets.labelled import Labelled
from gnntrack.durations import Duration
from gnntrack.errors import DataError
from gnntrack.losses.links.link_losses import softmax_link_loss
from gnntrack.models import (
    AssociationNetwork,
    ModelRecipe,
    TrackingSettings,
    TrackletMember,
    TrackletNetwork,
    TrackletNetworkSettings,
    TrackletTrainingSettings,
    set_learning,
    with_part,
)
from gnntrack.sequence import View
from gnntrack.tracking.replay import find_links
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.loop import LoopSettings
from gnntrack.training.loop import fit as fit_stage
from gnntrack.training.report import Report
from gnntrack.training.run_state import RunState
from gnntrack.training.stage import FunctionStage, Validation
from gnntrack.training.tracklets import LabelledGraph, moment_graphs, whole_graph

#: Weight of the link loss in rounds before the last.
EARLY_ROUNDS = 0.3
#: Steps of an epoch, after which the validation videos are looked at.
EPOCH = 250
#: Kinds of chance: each piece of the data has a generator of its own.
_VIDEOS, _CLIPS, _HELD_OUT = range(3)
#: Added to deviations that are divided by.
STEADY = 1e-3
_LAYERS = {"past_in": "past", "future_in": "future", "edge_in": "edge_attr"}


def train_tracklet_network(
    training: list[Labelled],
    model: AssociationNetwork,
    recipe: ModelRecipe,
    seed: int = 0,
    report: Report | None = None,
    validation: list[Labelled] | None = None,
    state: RunState | None = None,
) -> tuple[AssociationNetwork, ModelRecipe]:
    """Adds a tracklet network to an association network.

    Args:
        training: labelled sequences.
        model: tracks the clips that are learned from; its own weights stay as they are.
        recipe: of the model; ``training.tracklets`` says what is trained, and how; with ``learn: appearance`` or
            ``learn: boxes`` a tracklet network that is there learns on.
        seed: of clips, initialisation and order.
        report: is told how it goes.
        validation: sequences on which the weights are compared that training goes through; the best are kept, without
            them the last.
        state: where the run keeps what it has, and goes on.

    Returns:
        The association network with its tracklet network, and their recipe.

    Raises:
        DataError: nothing to learn from.
        Interrupted: a signal asked to stop.
    """
    state, report = state or RunState(), report or Report()
    alone, blind = recipe.training.learn == "appearance", recipe.training.learn == "boxes"
    if alone and not (model.tracklets is not None and model.tracklets.settings.appearance):
        raise DataError(
            "training: learn: appearance needs weights with a tracklet network that look at embeddings",
            remedy="train the association network like that before",
        )
    visible = _looks(model, recipe) and any(item.sequence.embeddings is not None for item in training)
    if alone and not visible:
        raise DataError("no sequence has embeddings", remedy="put them beside the boxes (det.npy, gt.npy)")
    settings = recipe.training.tracklets.network.model_copy(update={"appearance": visible})
    begun = model.tracklets if alone or blind else None
    if begun is not None:
        settings = begun.settings
    source = _clips(training, model, recipe)

    def video(number: int) -> list[LabelledGraph]:
        return video_graphs(training[number], model, recipe, settings, np.random.default_rng([seed, _VIDEOS, number]))

    def held_out(number: int) -> list[LabelledGraph]:
        item = (validation or [])[number]
        return video_graphs(item, model, recipe, settings, np.random.default_rng([seed, _HELD_OUT, number]))

    def clip(number: int) -> list[LabelledGraph]:
        report.moved("clips tracked", number + 1, clips)
        return clip_graphs(source, model, recipe, settings, np.random.default_rng([seed, _CLIPS, number]))

    clips = recipe.training.tracklets.clips if len(source) else 0
    unchanged = state.prepared("videos", len(training), video, CODEC)
    graphs = state.prepared("clips", clips, clip, CODEC) + recipe.training.tracklets.whole * unchanged
    if not graphs:
        raise DataError("no two tracklets to link", remedy=f"give longer sequences, of {FEWEST_BOXES} boxes at least")
    unseen = state.prepared("validation", len(validation or []), held_out, CODEC)
    torch.manual_seed(seed)
    network = TrackletNetwork(settings)
    if begun is not None:
        network.load_state_dict(begun.state_dict())
        set_learning(network, appearance=alone, rest=blind)
    for number, member in enumerate(network.members):
        assert isinstance(member, TrackletMember)
        name = f"network {number + 1} of {settings.members}"
        if begun is None:
            member.standardise(*_moments(graphs))
        own_seed = settings.members * seed + number
        fit(member, graphs, recipe.training.tracklets, own_seed, report, unseen, state, name)
    return with_part(model, recipe, "tracklets", network)


def _pack(item: LabelledGraph) -> dict[str, Any]:
    return {"graph": dict(vars(item.graph)), "label": item.label}


def _unpack(values: dict[str, Any]) -> LabelledGraph:
    return LabelledGraph(BipartiteGraph(**values["graph"]), values["label"])


#: How graphs are kept by a run that is stopped.
CODEC = _pack, _unpack


def video_graphs(
    item: Labelled,
    model: AssociationNetwork,
    recipe: ModelRecipe,
    settings: TrackletNetworkSettings,
    random: np.random.Generator,
) -> list[LabelledGraph]:
    """Graphs of a video as it is, tracked with the life cycle of the recipe."""
    sequence = item.sequence
    rows = np.flatnonzero(sequence.boxes["conf"].to_numpy() >= recipe.tracking.links.minimum_confidence)
    if len(rows) < FEWEST_BOXES:
        return []
    seen = observed(sequence.take(rows), _looks(model, recipe))
    view = View(sequence.width, sequence.height, sequence.frame_rate)
    tracked = find_links(seen, view, model, recipe.tracking)
    wanted = recipe.training.tracklets
    most = -(-wanted.moments * int(sequence.frames[-1]) // wanted.length)
    whole = whole_graph(seen, item.identity[rows], tracked, view, settings)
    return whole + moment_graphs(seen, item.identity[rows], tracked, view, settings, most, random)


def _clips(training: list[Labelled], model: AssociationNetwork, recipe: ModelRecipe) -> ClipSource:
    wanted = recipe.training.tracklets
    changes = recipe.training.augmentation.model_copy(update={"overlay": wanted.overlay})
    lowest, reverse = recipe.tracking.links.minimum_confidence, recipe.training.rollout.reverse
    return ClipSource(training, changes, wanted.length, reverse, lowest, _looks(model, recipe))


def clip_graphs(
    source: ClipSource,
    model: AssociationNetwork,
    recipe: ModelRecipe,
    settings: TrackletNetworkSettings,
    random: np.random.Generator,
) -> list[LabelledGraph]:
    """Graphs of a clip that was changed, tracked with a life cycle of its own."""
    clip = source.draw(random)
    tracked = find_links(clip.seen, clip.view, model, _life_cycle(recipe.tracking, random))
    whole = whole_graph(clip.seen, clip.identity, tracked, clip.view, settings)
    moments = recipe.training.tracklets.moments
    return whole + moment_graphs(clip.seen, clip.identity, tracked, clip.view, settings, moments, random)


def _looks(model: AssociationNetwork, recipe: ModelRecipe) -> bool:
    """Whether embeddings are seen while learning."""
    return model.settings.appearance and recipe.training.learn != "boxes"


def _life_cycle(tracking: TrackingSettings, random: np.random.Generator) -> TrackingSettings:
    confidence, usual_share = random.uniform(0.4, 0.8), random.uniform(0.5, 0.95)
    threshold, memory = random.uniform(0.2, 0.5), Duration(int(random.integers(30, 91)), "frames")
    births = tracking.births.model_copy(update={"confidence": confidence, "usual_share": usual_share})
    links = tracking.links.model_copy(update={"threshold": threshold, "memory": memory})
    return tracking.model_copy(update={"births": births, "links": links})


def fit(
    network: TrackletMember,
    graphs: list[LabelledGraph],
    settings: TrackletTrainingSettings,
    seed: int,
    report: Report | None = None,
    unseen: list[LabelledGraph] | None = None,
    state: RunState | None = None,
    name: str = "",
) -> TrackletMember:
    """Trains one network on graphs, large ones more often, by the root of their links.

    After every epoch the loss on graphs that are not learned from is looked at; the weights for which it was least
    are kept. Without such graphs the last weights are.
    """
    share = np.sqrt([float(len(graph.label)) for graph in graphs])
    share /= share.sum()

    def loss(random: np.random.Generator) -> Tensor:
        return _loss(network, [graphs[number] for number in random.choice(len(graphs), settings.batch_size, p=share)])

    def judge() -> Validation:
        cost = link_loss(network, unseen or [])
        return Validation(f"validation loss {cost:.4g}", {"validation/total": cost}, -cost)

    stage = FunctionStage(network, loss, EPOCH, seed, judge if unseen else None)
    loop = LoopSettings(settings.steps, settings.learning_rate, settings.weight_decay, seed=seed)
    fit_stage(stage, loop, state, report, name)
    return network


def link_loss(network: TrackletMember, graphs: list[LabelledGraph]) -> float:
    """The link loss of the last round, mean over all ends and beginnings that have candidates."""
    network.eval()
    with torch.no_grad():
        return float(_loss(network, graphs, early=0.0))


def _loss(network: TrackletMember, graphs: list[LabelledGraph], early: float = EARLY_ROUNDS) -> Tensor:
    batch = Batch.from_data_list([as_data(graph.graph, graph.label) for graph in graphs])
    source, target = batch.edge_index
    together = torch.zeros_like(batch.batch)  # one graph: every choice counts the same
    logits = network.scores(batch).logits
    total = logits[-1].new_zeros(())
    for number, scores in enumerate(logits):
        weight = 1.0 if number + 1 == len(logits) else early
        total = total + weight * softmax_link_loss(scores, batch.edge_label, source, target, together, 1).sum()
    return total


def _moments(graphs: list[LabelledGraph]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Mean and deviation of every feature, by the layer that it enters."""
    mean, deviation = {}, {}
    for layer, name in _LAYERS.items():
        values = np.concatenate([getattr(graph.graph, name) for graph in graphs])
        mean[layer] = torch.from_numpy(values.mean(0, dtype=np.float64)).float()
        deviation[layer] = torch.from_numpy(values.std(0, dtype=np.float64)).float() + STEADY
    return mean, deviation
