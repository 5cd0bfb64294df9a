"""The UniTrack loss, term by term, and the plain link losses.

``build_loss("unitrack")`` gives the loss of a recipe; every loss is called ``loss(logits, data)`` and returns a
:class:`LossOutput`.
"""

from gnntrack.losses.build import SumLoss, build_loss
from gnntrack.losses.conservation import ConservationTerm
from gnntrack.losses.criterion import UniTrackCriterion
from gnntrack.losses.flow import FlowTerm
from gnntrack.losses.graph import LinkGraph, link_graph
from gnntrack.losses.links import BceLinkLoss, FocalLinkLoss, LinkLoss, SoftmaxLinkLoss
from gnntrack.losses.output import LossOutput
from gnntrack.losses.settings import LossSettings
from gnntrack.losses.soft_assignment import sinkhorn_flows, softmax_flows
from gnntrack.losses.spatial import SpatialTerm
from gnntrack.losses.temporal import TemporalTerm
from gnntrack.losses.term import Term
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
    "link_graph",
    "sinkhorn_flows",
    "softmax_flows",
    "true_links",
]
