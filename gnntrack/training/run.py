"""One training run: labelled sequences and a recipe in; a folder with weights, logs and checkpoints out.

::

    RUN/weights.safetensors          all networks, once the last stage is done
    RUN/STAGE/metrics.csv            the log of a stage
    RUN/STAGE/weights.safetensors    all networks as they were after it (not after the last)
    RUN/last.safetensors             where the run stands
    RUN/run.json                     what was run
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from lightning.fabric import Fabric
from torch import nn

from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.files import atomic_path, make_folder, write_text
from gnntrack.models import Model, TrainingRecipe, load_weights, save_weights
from gnntrack.models.not_weights import WEIGHTS
from gnntrack.models.training_settings import AnyStage
from gnntrack.outputs import check_claim, claim_more, claimed_folder, vouch
from gnntrack.progress import Report, StderrReport
from gnntrack.remote import on_this_machine
from gnntrack.training.beginning import begin, check_batches, check_data, check_order
from gnntrack.training.description import check_same, described, digests
from gnntrack.training.device import PRECISIONS, fabric_of
from gnntrack.training.job import Context, Job, StageData, Trained
from gnntrack.training.launching import launched
from gnntrack.training.loggers import StageLoggers, checked_loggers
from gnntrack.training.options import RunOptions
from gnntrack.training.run_state import CHECKPOINT, RunState
from gnntrack.training.stages import train_stage

METRICS, DESCRIPTION = "metrics.csv", "run.json"


def train(
    training: list[Labelled],
    recipe: TrainingRecipe,
    loss: nn.Module | None,
    out: str | Path,
    options: RunOptions = RunOptions(),
    validation: list[Labelled] | None = None,
) -> Model:
    """Trains all stages of a recipe on the same sequences; see :func:`train_stages`.

    Args:
        training: labelled sequences.
        recipe: of a model, or stages alone with ``options.start``.
        loss: as :func:`gnntrack.losses.build_loss` makes it; None: what each stage names.
        out: the run folder.
        options: seed, epochs, resume.
        validation: labelled sequences, never learned from.
    """
    data = StageData(training, validation or [], loss)
    return train_stages([data] * len(recipe.stages), recipe, out, options)


def train_stages(
    data: list[StageData], recipe: TrainingRecipe, out: str | Path, options: RunOptions = RunOptions()
) -> Model:
    """Trains all stages of a recipe, one after the other, and writes the run folder.

    Args:
        data: of each stage. On validation sequences the weights that a stage goes through are compared, and the best
            are kept; without them the last. A window network's loss on them is logged.
        recipe: of a model, or stages alone with ``options.start``.
        out: the run folder.
        options: seed, epochs, resume, device.

    Returns:
        The trained model, ready to score.

    Raises:
        DataError: nothing to train on, the folder holds an earlier run, stages that cannot follow each other, or the
            loss became NaN.
        Interrupted: SIGINT or SIGTERM asked to stop; with ``resume`` the run goes on where it was.
    """
    out = on_this_machine(out)
    fabric = fabric_of(options.accelerator, options.devices, options.nodes, options.strategy, options.precision)
    main = fabric.is_global_zero
    if main:
        _check_folder(out, options)
    checked_loggers(options.loggers)
    check_data(data)
    model, recipe = begin(recipe, options)
    check_order(model, recipe, fresh=options.start is None)
    check_batches(recipe, fabric.world_size)
    description = described(recipe, options, data)
    compared = description | digests(model, recipe, data)
    if main:
        claim = partial(_claim, out)
        state = RunState(out, compared, options.resume, options.overwrite, options.checkpoint_every, claim)
    else:
        state = RunState(helper=True)
    run = _Run(out, options, state, [stage.title for stage in recipe.stages], fabric)
    with run.claimed(description), state, _report(options, main) as report, launched(fabric) as ranks:
        check_same(compared, ranks)
        before = state.resumed.get("precision", PRECISIONS["32"])  # earlier versions had no other
        if state.resumed and before != description["precision"] and len(state.done) < len(data):
            report.line(f"goes on in precision {description['precision']}, after {before}")
        state.share(ranks)
        model, _ = run.stages((model, recipe), list(zip(recipe.stages, data, strict=True)), report)
    if main:
        vouch(out, run.files)
    return model


def _check_folder(out: Path, options: RunOptions) -> None:
    """Whether a run may begin, or go on, there."""
    stopped = (out / CHECKPOINT).is_file() and not (out / WEIGHTS).is_file()
    if options.resume and not (out / CHECKPOINT).is_file():
        raise DataError("no checkpoint to resume from", remedy="start without --resume", path=out / CHECKPOINT)
    check_claim(out, overwrite=options.overwrite or stopped, resume=options.resume)


def _report(options: RunOptions, main: bool) -> Report:
    return StderrReport() if options.progress and main else Report()


@dataclass(frozen=True)
class _Run:
    """A run folder while it is written."""

    out: Path
    options: RunOptions
    state: RunState
    names: list[str]
    fabric: Fabric

    @property
    def main(self) -> bool:
        """Whether this process writes."""
        return self.fabric.is_global_zero

    @property
    def files(self) -> list[str]:
        """All files of a finished run."""
        logs = [f"{name}/{METRICS}" for name in self.names]
        return [*map(self.weights, self.names), *logs, CHECKPOINT, DESCRIPTION]

    def weights(self, name: str) -> str:
        """The file of the weights after a stage."""
        return WEIGHTS if name == self.names[-1] else f"{name}/{WEIGHTS}"

    @contextmanager
    def claimed(self, description: dict[str, Any]) -> Iterator[None]:
        """Claims the folder and writes the run's description; removes that if training fails before the first step."""
        if not self.main:
            yield
            return
        options = self.options
        with claimed_folder(self.out, "train", self.files, overwrite=options.overwrite, resume=options.resume):
            write_text(self.out / DESCRIPTION, json.dumps(description, indent=2) + "\n")
            try:
                yield
            except DataError:
                if not self.state.learned:
                    (self.out / DESCRIPTION).unlink(missing_ok=True)
                raise

    def stages(self, trained: Trained, stages: list[tuple[AnyStage, StageData]], report: Report) -> Trained:
        """Trains what is not yet done."""
        for number, (settings, data) in enumerate(stages):
            name = settings.title
            if name in self.state.done:
                trained = self._read(self.weights(name))
                continue
            count = f"stage {number + 1} of {len(stages)}: {name}"
            report.line(f"{count} (training videos: {len(data.training)}, validation videos: {len(data.validation)})")
            trained = self._stage(trained, settings, data, number == 0, report)
        return trained

    def _stage(self, trained: Trained, settings: AnyStage, data: StageData, first: bool, report: Report) -> Trained:
        name, options = settings.title, self.options
        loggers = StageLoggers(
            checked_loggers(options.loggers),
            self.out,
            name,
            settings.model_dump(mode="json"),
            len(self.state.rows),
            self.state.claim,
        )

        def log(rows: list[dict[str, Any]]) -> None:
            if not self.main:
                return
            _write_log(self.out / name / METRICS, rows)
            loggers.log(rows)

        context = Context(self.state, report, log, name, self.fabric, self.state.ranks, int(options.workers))
        job = Job(*trained, data, options.seed, first and options.start is None, context)
        with closing(loggers):
            model, recipe = train_stage(job, settings)
        if self.main:
            path = self.out / self.weights(name)
            make_folder(path.parent)
            save_weights(path, model, recipe)
        self.state.end_stage(name)
        return model.eval(), recipe

    def _read(self, name: str) -> Trained:
        """Weights of a stage that is done, on every process, whether it sees the folder or not."""
        path, ranks = self.out / name, self.state.ranks
        content: Any = ranks.from_main(
            np.frombuffer(path.read_bytes(), np.uint8) if self.main and not ranks.alone else None
        )
        if self.main:
            return load_weights(path)
        with TemporaryDirectory() as folder:
            content.tofile(copy := Path(folder) / WEIGHTS)
            return load_weights(copy)


def _claim(out: Path, name: str) -> None:
    claim_more(out, [name])


def _write_log(path: Path, rows: list[dict[str, Any]]) -> None:
    """``epoch, step, train/<part>, validation/<part>``, a row an epoch; whole at any moment."""
    make_folder(path.parent)
    with atomic_path(path) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)
