"""An output folder while it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gnntrack.outputs.manifest import Manifest


@dataclass
class OutputFolder:
    """An output folder while it is written.

    Attributes:
        path: where to write.
        earlier: the output that it will take the place of, each file as it was written, or None.
        manifest: what the folder will say of itself.
        keep_earlier: set it to leave the earlier output as it is and drop what was written.
        files: files that other processes wrote, by their path in the folder: size and SHA-256.
    """

    path: Path
    earlier: Path | None
    manifest: Manifest
    keep_earlier: bool = False
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
