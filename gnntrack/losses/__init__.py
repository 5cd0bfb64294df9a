"""The UniTrack loss, term by term, and the plain link losses.

``build_loss("unitrack")`` gives the loss of a recipe; every loss is called ``loss(logits, data)`` and returns a
:class:`LossOutput`.
"""

from gnntrack.losses.build import SumLoss, build_loss
from gnntrack.losses.graph import LinkGraph, candidate_graph, link_graph
from gnntrack.losses.links.link_losses import BceLinkLoss, FocalLinkLoss, LinkLoss, SoftmaxLinkLoss
from gnntrack.losses.links.paths import log_reach, path_cross_entropy
from gnntrack.losses.links.soft_assignment import log_softmax_flows, sinkhorn_flows, softmax_flows
from gnntrack.losses.output import LossOutput
from gnntrack.losses.plug_in.criterion import UniTrackCriterion
from gnntrack.losses.settings import LossSettings
from gnntrack.losses.terms.conservation import ConservationTerm
from gnntrack.losses.terms.flow import FlowTerm
from gnntrack.losses.terms.identity_conservation import IdentityConservationTerm
from gnntrack.losses.terms.log_flow import LogFlowTerm
from gnntrack.losses.terms.log_spatial import LogSpatialTerm
from gnntrack.losses.terms.log_temporal import LogTemporalTerm
from gnntrack.losses.terms.log_term import LogTerm
from gnntrack.losses.terms.path import PathTerm
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
    "IdentityConservationTerm",
    "LinkGraph",
    "LinkLoss",
    "LogFlowTerm",
    "LogSpatialTerm",
    "LogTemporalTerm",
    "LogTerm",
    "LossOutput",
    "LossSettings",
    "PathTerm",
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
    "log_reach",
    "log_softmax_flows",
    "path_cross_entropy",
    "sinkhorn_flows",
    "softmax_flows",
    "true_links",
]
