"""Lightning's loggers beside our own log: TensorBoard, Weights & Biases, CSV; each writes into the stage's folder."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gnntrack.errors import DataError
from gnntrack.files import make_folder, write_text
from gnntrack.packages import needed_package
from gnntrack.recipes import nearest
from gnntrack.showing import shown

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

#: Loggers by name, and the package that each needs.
LOGGERS = {"tensorboard": "tensorboard", "wandb": "wandb", "csv": ""}
#: Columns of our log that are no figures.
_NAMES = ("network", "step")
_RUN_ID = "run-id.txt"


def checked_loggers(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once; their packages are there.

    Raises:
        DataError: a name is none of :data:`LOGGERS`, or its package is not installed.

    Example:
        >>> checked_loggers(["csv", "csv"])
        ('csv',)
    """
    found = tuple(dict.fromkeys(names))
    for name in found:
        if name not in LOGGERS:
            raise DataError(f"no logger {shown(name)}", remedy=nearest(name, list(LOGGERS)))
        if LOGGERS[name]:
            with needed_package(f"--logger {name}"):
                importlib.import_module(LOGGERS[name])
    return found


@dataclass
class StageLoggers:
    """The loggers of one stage, which are opened when there is something to log.

    Attributes:
        names: of :data:`LOGGERS`.
        run: the run folder.
        stage: name of the stage, and of its folder.
        settings: of the stage, for loggers that show them.
        known: epochs that were logged before the run was stopped.
        claim: is told every file of the run folder that a logger has made.
    """

    names: tuple[str, ...]
    run: Path
    stage: str
    settings: dict[str, Any]
    known: int = 0
    claim: Callable[[str], None] = lambda name: None
    _open: dict[str, Logger] = field(default_factory=dict)

    def log(self, rows: list[dict[str, Any]]) -> None:
        """Logs the epochs that are new.

        Args:
            rows: of all epochs so far: ``step``, figures by name, and ``network`` where the stage has several.
        """
        for name in self.names:
            new = rows[self.known :]
            if name not in self._open:
                there = self.folder(name).is_dir()
                self._open[name] = _MADE[name](self, rows[: self.known] if there else [])
                new = new if there and name != "csv" else rows
            for row in new:
                network = f"{row['network']}/" if "network" in row else ""
                figures = {f"{network}{key}": value for key, value in row.items() if key not in _NAMES}
                self._open[name].log_metrics(figures, step=row["step"])
            self._open[name].save()
        self.known = len(rows)
        self._claim()

    def close(self) -> None:
        """Ends the loggers; the next run of the stage goes on in their logs."""
        for name, logger in self._open.items():
            logger.finalize("success")
            if name == "wandb":
                logger.experiment.finish()  # type: ignore[attr-defined]  # of Lightning's base class
        self._open = {}
        self._claim()
        for name in self.names:
            for path in sorted(self.folder(name).rglob("*"), reverse=True):
                with suppress(OSError):
                    path.rmdir()  # if it is a folder, and empty: nobody could tell whose it is

    def folder(self, name: str) -> Path:
        """Where a logger writes."""
        return self.run / self.stage / name

    def _claim(self) -> None:
        """Tells of every plain file; links, which some loggers make for convenience, are taken away."""
        for name in self.names:
            for path in sorted(self.folder(name).rglob("*")):
                if path.is_symlink():
                    with suppress(OSError):
                        path.unlink()
                elif path.is_file():
                    self.claim(path.relative_to(self.run).as_posix())


def _tensorboard(stage: StageLoggers, known: list[dict[str, Any]]) -> Logger:
    from lightning.pytorch.loggers import TensorBoardLogger

    # what a killed run logged after its last checkpoint comes again
    purge = {"purge_step": known[-1]["step"] + 1} if known else {}
    return TensorBoardLogger(stage.folder("").as_posix(), "tensorboard", "", default_hp_metric=False, **purge)


def _csv(stage: StageLoggers, known: list[dict[str, Any]]) -> Logger:
    from lightning.pytorch.loggers import CSVLogger

    (stage.folder("csv") / "metrics.csv").unlink(missing_ok=True)  # it is written anew, with what was known
    return CSVLogger(stage.folder(""), "csv", "")


def _wandb(stage: StageLoggers, known: list[dict[str, Any]]) -> Logger:
    from lightning.pytorch.loggers import WandbLogger

    place = stage.folder("wandb") / _RUN_ID
    if not known:
        stage.claim(place.relative_to(stage.run).as_posix())
        make_folder(place.parent)
        write_text(place, uuid.uuid4().hex[:12])
    return WandbLogger(
        name=f"{stage.run.name}/{stage.stage}",
        save_dir=stage.folder(""),
        version=place.read_text(encoding="utf-8").strip(),
        project="gnntrack",
        group=stage.run.name,
        config=stage.settings,
    )


_MADE: dict[str, Callable[[StageLoggers, list[dict[str, Any]]], Logger]] = {
    "tensorboard": _tensorboard,
    "wandb": _wandb,
    "csv": _csv,
}
