"""The UniTrack loss, term by term, and the plain link losses.

``build_loss("unitrack")`` gives the loss of a recipe; every loss is called ``loss(logits, data)`` and returns a
:class:`LossOutput`.
"""

from gnntrack.losses.build import SumLoss, build_loss
from gnntrack.losses.graph import LinkGraph, candidate_graph, link_graph
from gnntrack.losses.links.link_losses import BceLinkLoss, FocalLinkLoss, LinkLoss, SoftmaxLinkLoss
from gnntrack.losses.links.soft_assignment import sinkhorn_flows, softmax_flows
from gnntrack.losses.output import LossOutput
from gnntrack.losses.plug_in.criterion import UniTrackCriterion
from gnntrack.losses.settings import LossSettings
from gnntrack.losses.terms.conservation import ConservationTerm
from gnntrack.losses.terms.flow import FlowTerm
from gnntrack.losses.terms.spatial import SpatialTerm
from gnntrack.losses.terms.temporal import TemporalTerm
from gnntrack.losses.terms.term import Term
from gnntrack.losses.truth import true_links
from gnntrack.losses.unitrack import UniTrackLoss

__all__ = [
    "BceLinkLoss",
    "ConservationTerm",
    "FlowTerm",
    "FocalLinkLoss",
    "LinkGraph",
    "LinkLoss",
    "LossOutput",
    "LossSettings",
    "SoftmaxLinkLoss",
    "SpatialTerm",
    "SumLoss",
    "TemporalTerm",
    "Term",
    "UniTrackCriterion",
    "UniTrackLoss",
    "build_loss",
    "candidate_graph",
    "link_graph",
    "sinkhorn_flows",
    "softmax_flows",
    "true_links",
]
