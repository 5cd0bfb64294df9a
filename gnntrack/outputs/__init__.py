"""Folders that the program writes: where one may lie, what it vouches for, and how an earlier one is replaced."""

from gnntrack.outputs.folder import output_folder
from gnntrack.outputs.manifest import MANIFEST, Manifest, read_manifest
from gnntrack.outputs.run_folder import check_claim, claim_more, claimed_folder, vouch
from gnntrack.outputs.unfinished import OutputFolder

__all__ = [
    "MANIFEST",
    "Manifest",
    "OutputFolder",
    "check_claim",
    "claim_more",
    "claimed_folder",
    "output_folder",
    "read_manifest",
    "vouch",
]
