"""Training of the tracklet network: it learns to mend the tracks that the association network makes."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch

from gnntrack.association.data import as_data
from gnntrack.errors import DataError
from gnntrack.losses.links.link_losses import count_choices, softmax_link_loss
from gnntrack.models import (
    AssociationNetwork,
    RelinkingStageSettings,
    TrackletMember,
    TrackletNetwork,
    set_learning,
    with_part,
)
from gnntrack.training.clips import FEWEST_BOXES
from gnntrack.training.job import Context, Job, Trained
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.precision import Scoring, in_full
from gnntrack.training.ranks import ALONE, Ranks
from gnntrack.training.relinking_examples import CODEC, TrackedGraphs
from gnntrack.training.stage import FunctionStage, Validation
from gnntrack.training.tracklets import LabelledGraph

#: Weight of the link loss in rounds before the last.
EARLY_ROUNDS = 0.3
#: Steps of an epoch; validation follows.
EPOCH = 250
#: Random streams: each piece of the data has its own generator.
_VIDEOS, _CLIPS, _HELD_OUT = range(3)
#: Added to deviations that are divided by.
MINIMUM_DEVIATION = 1e-3
_LAYERS = {"past_in": "past", "future_in": "future", "edge_in": "edge_attr"}


def train_relinking_network(job: Job, settings: RelinkingStageSettings) -> Trained:
    """Trains the tracklet network of an association network: a new one, or the one that is there learns on.

    Args:
        job: the networks, of which the association network tracks the clips that are learned from, and their data.
        settings: how.

    Returns:
        The association network, as it was, with its tracklet network, and their recipe.

    Raises:
        DataError: nothing to learn from.
        Interrupted: a signal asked to stop.
    """
    model = job.model
    assert isinstance(model, AssociationNetwork)
    sees = model.settings.appearance and "appearance" not in settings.freeze
    visible = sees and job.data.has_embeddings
    begun = None if settings.from_scratch else model.tracklets
    if "boxes" in settings.freeze:
        _check_appearance(begun, visible)
    shape = settings.network.model_copy(update={"appearance": visible}) if begun is None else begun.settings
    graphs, held_out = _graphs(job, TrackedGraphs(model, job.recipe, settings, shape, sees))
    torch.manual_seed(job.seed)
    network = TrackletNetwork(shape)
    if begun is not None:
        network.load_state_dict(begun.state_dict())
        set_learning(network, appearance=visible, rest="boxes" not in settings.freeze)
    for number, member in enumerate(network.members):
        assert isinstance(member, TrackletMember)
        if begun is None:
            member.standardise(*_moments(graphs))
        part = f"network {number + 1} of {shape.members}"
        seed = shape.members * job.seed + number
        fit_member(member, (graphs, held_out), settings, seed, job.context, part, begun is not None)
    return with_part(model, job.recipe, "tracklets", network)


def _check_appearance(begun: TrackletNetwork | None, visible: bool) -> None:
    """The error where only the appearance branch is trained, and there is none."""
    if begun is None or not begun.settings.appearance:
        raise DataError(
            "freeze: [boxes] needs a tracklet network with an appearance branch",
            remedy="train the association network like that before",
        )
    if not visible:
        raise DataError("no sequence has embeddings", remedy="put them beside the boxes (det.npy, gt.npy)")


def _graphs(job: Job, tracked: TrackedGraphs) -> tuple[list[LabelledGraph], list[LabelledGraph]]:
    """What is learned from, and what is not; both are kept by a run that is stopped."""
    data, settings, seed = job.data, tracked.settings, job.seed
    source = tracked.clips(data.training)
    clips = settings.clips if len(source) else 0

    def video(number: int) -> list[LabelledGraph]:
        return tracked.of_video(data.training[number], np.random.default_rng([seed, _VIDEOS, number]))

    def held_out(number: int) -> list[LabelledGraph]:
        return tracked.of_video(data.validation[number], np.random.default_rng([seed, _HELD_OUT, number]))

    def clip(number: int) -> list[LabelledGraph]:
        job.context.report.moved("clips tracked", number + 1, clips)
        return tracked.of_clip(source, np.random.default_rng([seed, _CLIPS, number]))

    unchanged = job.context.prepared("videos", len(data.training), video, CODEC)
    graphs = job.context.prepared("clips", clips, clip, CODEC) + settings.whole * unchanged
    if not graphs:
        raise DataError("no two tracklets to link", remedy=f"give longer sequences, of {FEWEST_BOXES} boxes at least")
    return graphs, job.context.prepared("validation", len(data.validation), held_out, CODEC)


def fit_member(
    network: TrackletMember,
    graphs: tuple[list[LabelledGraph], list[LabelledGraph]],
    settings: RelinkingStageSettings,
    seed: int,
    context: Context | None = None,
    part: str = "",
    start_counts: bool = False,
) -> TrackletMember:
    """Trains one network on graphs, large ones more often, by the root of their links.

    After every epoch the loss is computed on the validation graphs; the weights for which it was lowest
    are kept. Without such graphs the last weights are.

    Args:
        network: is trained.
        graphs: training and validation graphs.
        settings: how.
        seed: of the order.
        context: the run.
        part: which network of the stage.
        start_counts: the weights of the start stay where no epoch is better.
    """
    learned, held_out = graphs
    context = context or Context()
    share = np.sqrt([float(len(graph.label)) for graph in learned])
    share /= share.sum()

    def loss(rng: np.random.Generator, ranks: Ranks) -> tuple[Tensor, float]:
        drawn = ranks.share(rng.choice(len(learned), settings.batch_size, p=share))
        return _loss(network, [learned[number] for number in drawn], scoring=context.scoring)

    def judge(ranks: Ranks) -> Validation:
        cost = link_loss(network, held_out, ranks)
        return Validation(f"validation loss {cost:.4g}", {"validation/total": cost}, -cost)

    stage = FunctionStage(network, loss, EPOCH, seed, judge if held_out else None, start_counts)
    fit(stage, LoopSettings.of(settings, settings.steps, seed), context, part)
    return network


def link_loss(network: TrackletMember, graphs: list[LabelledGraph], ranks: Ranks = ALONE) -> float:
    """The link loss of the last round, mean over all ends and beginnings that have candidates."""
    network.eval()
    mine, value, count = ranks.share(graphs), 0.0, 0.0
    if mine:
        with torch.no_grad():
            total, count = _loss(network, mine, early=0.0)
            value = float(total)
    return float(ranks.sums([value * ranks.shares([count])[0]])[0])


def _loss(
    network: TrackletMember,
    graphs: list[LabelledGraph],
    early: float = EARLY_ROUNDS,
    scoring: Scoring = nullcontext,
) -> tuple[Tensor, float]:
    """The link loss, and over how many choices it is a mean."""
    device = next(network.parameters()).device
    batch = Batch.from_data_list([as_data(graph.graph, graph.label) for graph in graphs]).to(device)
    source, target = batch.edge_index
    together = torch.zeros_like(batch.batch)  # one graph: every choice counts the same
    with scoring():
        logits = in_full(network.scores(batch)).logits
    total = logits[-1].new_zeros(())
    for number, scores in enumerate(logits):
        weight = 1.0 if number + 1 == len(logits) else early
        total = total + weight * softmax_link_loss(scores, batch.edge_label, source, target, together, 1).sum()
    return total, count_choices(source, target)


def _moments(graphs: list[LabelledGraph]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Mean and deviation of every feature, by the layer that it enters."""
    mean, deviation = {}, {}
    for layer, name in _LAYERS.items():
        values = np.concatenate([getattr(graph.graph, name) for graph in graphs])
        mean[layer] = torch.from_numpy(values.mean(0, dtype=np.float64)).float()
        deviation[layer] = torch.from_numpy(values.std(0, dtype=np.float64)).float() + MINIMUM_DEVIATION
    return mean, deviation
