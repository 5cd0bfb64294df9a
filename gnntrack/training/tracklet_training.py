"""Training of the tracklet network: it learns to mend the tracks that the association network makes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gnntrack.association.histories import observed
from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.losses.links.link_losses import softmax_link_loss
from gnntrack.models import (
    AssociationNetwork,
    AssociationSettings,
    ModelRecipe,
    TrackletMember,
    TrackletNetwork,
    TrackletNetworkSettings,
    TrackletTrainingSettings,
    set_learning,
    with_part,
)
from gnntrack.sequence import View
from gnntrack.tracking.replay import find_links
from gnntrack.training.batches import collate
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.fitting import Report, Verdict, fit_network
from gnntrack.training.tracklets import LabelledGraph, moment_graphs, whole_graph

#: Weight of the link loss in rounds before the last.
EARLY_ROUNDS = 0.3
#: Steps between reports, and clips between reports.
REPORT = 250
#: Added to deviations that are divided by.
STEADY = 1e-3
_LAYERS = {"track_in": "tracks", "detection_in": "detections", "pair_in": "pairs"}


def train_tracklet_network(
    training: list[Labelled],
    model: AssociationNetwork,
    recipe: ModelRecipe,
    seed: int = 0,
    report: Report = print,
    validation: list[Labelled] | None = None,
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

    Returns:
        The association network with its tracklet network, and their recipe.

    Raises:
        DataError: nothing to learn from.
    """
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
    random = np.random.default_rng(seed)
    unchanged = questions(training, model, recipe, settings, random)
    graphs = changed_questions(training, model, recipe, settings, random, report)
    graphs += recipe.training.tracklets.whole * unchanged
    if not graphs:
        raise DataError("no two tracklets to link", remedy=f"give longer sequences, of {FEWEST_BOXES} boxes at least")
    unseen = questions(validation or [], model, recipe, settings, random)
    torch.manual_seed(seed)
    network = TrackletNetwork(settings)
    if begun is not None:
        network.load_state_dict(begun.state_dict())
        set_learning(network, appearance=alone, rest=blind)
    for number, member in enumerate(network.members):
        assert isinstance(member, TrackletMember)
        report(f"network {number + 1} of {settings.members}")
        if begun is None:
            member.standardise(*_moments(graphs))
        fit(member, graphs, recipe.training.tracklets, settings.members * seed + number, report, unseen)
    return with_part(model, recipe, "tracklets", network)


def questions(
    labelled: list[Labelled],
    model: AssociationNetwork,
    recipe: ModelRecipe,
    settings: TrackletNetworkSettings,
    random: np.random.Generator,
) -> list[LabelledGraph]:
    """Graphs of the videos as they are, tracked with the life cycle of the recipe."""
    graphs: list[LabelledGraph] = []
    lowest = recipe.association.minimum_confidence
    for item in labelled:
        sequence = item.sequence
        rows = np.flatnonzero(sequence.boxes["conf"].to_numpy() >= lowest)
        if len(rows) < FEWEST_BOXES:
            continue
        seen = observed(sequence.take(rows), _looks(model, recipe))
        view = View(sequence.width, sequence.height, sequence.frame_rate)
        tracked = find_links(seen, view, model, recipe.association)
        wanted = recipe.training.tracklets
        most = -(-wanted.moments * int(sequence.frames[-1]) // wanted.length)
        graphs += whole_graph(seen, item.identity[rows], tracked, view, settings)
        graphs += moment_graphs(seen, item.identity[rows], tracked, view, settings, most, random)
    return graphs


def changed_questions(
    training: list[Labelled],
    model: AssociationNetwork,
    recipe: ModelRecipe,
    settings: TrackletNetworkSettings,
    random: np.random.Generator,
    report: Report,
) -> list[LabelledGraph]:
    """Graphs of clips that were changed, each tracked with a life cycle of its own."""
    wanted = recipe.training.tracklets
    changes = recipe.training.augmentation.model_copy(update={"overlay": wanted.overlay})
    lowest = recipe.association.minimum_confidence
    reverse = recipe.training.rollout.reverse
    source = ClipSource(training, changes, wanted.length, reverse, lowest, _looks(model, recipe))
    graphs: list[LabelledGraph] = []
    for number in range(wanted.clips if len(source) else 0):
        clip = source.draw(random)
        tracked = find_links(clip.seen, clip.view, model, _life_cycle(recipe.association, random))
        graphs += whole_graph(clip.seen, clip.identity, tracked, clip.view, settings)
        graphs += moment_graphs(clip.seen, clip.identity, tracked, clip.view, settings, wanted.moments, random)
        if (number + 1) % REPORT == 0:
            report(f"{number + 1} clips tracked")
    return graphs


def _looks(model: AssociationNetwork, recipe: ModelRecipe) -> bool:
    """Whether embeddings are seen while learning."""
    return model.settings.appearance and recipe.training.learn != "boxes"


def _life_cycle(association: AssociationSettings, random: np.random.Generator) -> AssociationSettings:
    changed = {
        "birth_confidence": random.uniform(0.4, 0.8),
        "birth_relative": random.uniform(0.5, 0.95),
        "link_threshold": random.uniform(0.2, 0.5),
        "memory": int(random.integers(30, 91)),
    }
    return association.model_copy(update=changed)


def fit(
    network: TrackletMember,
    graphs: list[LabelledGraph],
    settings: TrackletTrainingSettings,
    seed: int,
    report: Report,
    unseen: list[LabelledGraph] | None = None,
) -> TrackletMember:
    """Trains one network on graphs, large ones more often, by the root of their links.

    Every so often the loss on graphs that are not learned from is looked at; the weights for which it was least are
    kept. Without such graphs the last weights are.
    """
    random = np.random.default_rng(seed)
    share = np.sqrt([float(len(graph.label)) for graph in graphs])
    share /= share.sum()

    def loss() -> Tensor:
        return _loss(network, [graphs[number] for number in random.choice(len(graphs), settings.batch_size, p=share)])

    def judge() -> Verdict:
        cost = link_loss(network, unseen or [])
        return Verdict(cost, f"validation {cost:.3f}")

    fit_network(network, settings, loss, judge if unseen else None, report, REPORT)
    return network


def link_loss(network: TrackletMember, graphs: list[LabelledGraph]) -> float:
    """The link loss of the last round, mean over all ends and beginnings that have candidates."""
    network.eval()
    with torch.no_grad():
        return float(_loss(network, graphs, early=0.0))


def _loss(network: TrackletMember, graphs: list[LabelledGraph], early: float = EARLY_ROUNDS) -> Tensor:
    batch = collate([graph.graph for graph in graphs])
    label = torch.from_numpy(np.concatenate([graph.label for graph in graphs])).float()
    nodes = torch.zeros(len(batch.tracks) + len(batch.detections), dtype=torch.int64)
    source, target = batch.links
    total = torch.zeros(())
    logits = network.score(batch).logits
    for number, scores in enumerate(logits):
        weight = 1.0 if number + 1 == len(logits) else early
        total = total + weight * softmax_link_loss(scores, label, source, target, nodes, 1).sum()
    return total


def _moments(graphs: list[LabelledGraph]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Mean and deviation of every feature, by the layer that it enters."""
    mean, deviation = {}, {}
    for layer, name in _LAYERS.items():
        values = np.concatenate([getattr(graph.graph, name) for graph in graphs])
        mean[layer] = torch.from_numpy(values.mean(0, dtype=np.float64)).float()
        deviation[layer] = torch.from_numpy(values.std(0, dtype=np.float64)).float() + STEADY
    return mean, deviation
