"""Tuning by Optuna: settings are chosen on some videos and judged on others, then chosen on all.

Each fold of videos is held out once: a search of its own chooses settings on the others, and the held-out videos tell
what these are worth on videos that chose nothing. The settings that are kept come from a last search on all videos.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.evaluation import evaluate
from gnntrack.models.overriding import overridden
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline, track_online
from gnntrack.tuning.ranges import Mode, Range, ranges_of, suggested

if TYPE_CHECKING:
    import optuna

    from gnntrack.models.recipe import ModelRecipe
    from gnntrack.tracking.scoring import LinkScorer

Videos = Mapping[str, tuple[Sequence, Sequence]]
#: Trials before a trial may be stopped for being worse than the median of those before.
UNPRUNED = 8
#: The search on all videos.
ALL = "all videos"


@dataclass(frozen=True)
class TuningOptions:
    """How settings are searched.

    Attributes:
        mode: of tracking.
        trials: of each search, the first of them with the settings of the weights.
        timeout: seconds of all searches together; None: as long as it takes.
        folds: groups of videos that are held out in turn, at most one a video; below 2: none is.
        seed: of the searches.
        benchmark: what counts.
        log: file that keeps every trial, so that a search that was stopped goes on; None: nothing is kept.
    """

    mode: Mode = "online"
    trials: int = 60
    timeout: float | None = None
    folds: int = 3
    seed: int = 0
    benchmark: str = "custom"
    log: Path | None = None


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Attributes:
        recipe: with the settings that were chosen on all videos.
        settings: these, by path.
        start: HOTA of each video before.
        found: HOTA of each video with these settings, which it helped to choose.
        held_out: HOTA of each video with settings that the others chose; empty where nothing was held out.
        importance: share of each setting in the differences between trials.
        scores: mean HOTA of every finished trial of the last search.
    """

    recipe: ModelRecipe
    settings: dict[str, Any]
    start: dict[str, float]
    found: dict[str, float]
    held_out: dict[str, float] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)

    def gain(self, scores: Mapping[str, float]) -> np.ndarray:
        """How much higher HOTA is than before ``(V,)``."""
        return np.array([score - self.start[name] for name, score in scores.items()])


def tune(
    videos: Videos,
    model: LinkScorer,
    recipe: ModelRecipe,
    options: TuningOptions = TuningOptions(),
    moved: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Tuned:
    """Searches tracking settings with a high mean HOTA over videos.

    Args:
        videos: name to annotations and detections.
        model: scores links; it does not change.
        recipe: with the settings to begin from.
        options: how.
        moved: is told how far each search has come.

    Raises:
        DataError: there is no video, or the settings of the log are others.
    """
    if not videos:
        raise DataError("no video to tune on", remedy="give a folder of sequences with annotations and detections")
    search = _Search(model, recipe, options, moved)
    names = list(videos)
    count = min(options.folds, len(names)) if options.folds > 1 and len(names) > 1 else 0
    folds = [names[number::count] for number in range(count)]
    start = {name: search.score(name, videos[name], {}) for name in names}
    held_out: dict[str, float] = {}
    for number, fold in enumerate(folds):
        others = {name: videos[name] for name in names if name not in fold}
        chosen = search.best(others, f"without fold {number + 1} of {count}", count + 1 - number).user_attrs["settings"]
        held_out |= {name: search.score(name, videos[name], chosen) for name in fold}
    best = search.best(videos, ALL, 1)
    settings = best.user_attrs["settings"]
    found = {name: search.score(name, videos[name], settings) for name in names}
    study = search.study(ALL)
    return Tuned(
        overridden(recipe, settings),
        settings,
        start,
        found,
        {name: held_out[name] for name in names if name in held_out},
        _importance(study),
        [trial.value for trial in study.get_trials(deepcopy=False) if trial.value is not None],
    )


class _Search:
    """Searches on groups of videos, with one budget."""

    def __init__(
        self, model: LinkScorer, recipe: ModelRecipe, options: TuningOptions, moved: Callable[[str, int, int], None]
    ) -> None:
        self.model, self.recipe, self.options, self.moved = model, recipe, options, moved
        self.ranges: list[Range] = ranges_of(recipe, options.mode)
        self._storage: optuna.storages.BaseStorage | None = None
        self.end = None if options.timeout is None else time.monotonic() + options.timeout

    def score(self, name: str, video: tuple[Sequence, Sequence], settings: Mapping[str, Any]) -> float:
        """HOTA of a video, in percent."""
        truth, detections = video
        run = track_online if self.options.mode == "online" else track_offline
        tracks = run(detections, self.model, overridden(self.recipe, settings))
        return 100 * float(evaluate({name: (truth, tracks)}, self.options.benchmark)[name]["hota"])

    def study(self, title: str) -> optuna.Study:
        """The trials of a search: those of the log, or none yet."""
        import optuna
        from optuna.storages import InMemoryStorage, JournalStorage
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        if self._storage is None:
            log = self.options.log
            self._storage = InMemoryStorage() if log is None else JournalStorage(JournalFileBackend(str(log)))
        return optuna.create_study(
            storage=self._storage,
            study_name=title,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=self.options.seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED, n_warmup_steps=1),
        )

    def best(self, videos: Videos, title: str, searches: int) -> optuna.trial.FrozenTrial:
        """The best trial of a search; ``searches``: that are still to come, this one among them."""
        import optuna

        study = self.study(title)
        self._check_log(study, videos)
        finished = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
        if not study.get_trials(deepcopy=False):
            study.enqueue_trial({}, user_attrs={"start": True})
        until = None if self.end is None else time.monotonic() + max(0.0, self.end - time.monotonic()) / searches

        def objective(trial: optuna.Trial) -> float:
            settings = {} if trial.user_attrs.get("start") else suggested(trial, self.ranges)
            trial.set_user_attr("settings", settings)
            scores: list[float] = []
            for step, (name, video) in enumerate(videos.items()):
                scores.append(self.score(name, video, settings))
                trial.report(float(np.mean(scores)), step)
                if step + 1 < len(videos) and not trial.user_attrs.get("start") and trial.should_prune():
                    raise optuna.TrialPruned
            self.moved(title, trial.number + 1, self.options.trials)
            return float(np.mean(scores))

        while finished < self.options.trials and (finished == 0 or until is None or time.monotonic() < until):
            study.optimize(objective, n_trials=1)
            finished += 1
        return study.best_trial

    def _check_log(self, study: optuna.Study, videos: Videos) -> None:
        """Refuses trials of another question; a new search notes its own."""
        question = {
            "videos": sorted(videos),
            "mode of tracking": self.options.mode,
            "rules": self.options.benchmark,
            "settings to begin from": self.recipe.tracking.model_dump(mode="json"),
        }
        known = study.user_attrs.get("question")
        if known is not None and known != question:
            other = next(key for key, value in question.items() if known.get(key) != value)
            remedy = "go on with what it was begun with, or begin anew with --overwrite"
            raise DataError(f"these trials were made with other {other}", remedy=remedy, path=self.options.log)
        if known is None:
            study.set_user_attr("question", question)


def _importance(study: optuna.Study) -> dict[str, float]:
    """Share of each setting, most first; none where trials are too few to tell."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    try:
        return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    except (ValueError, RuntimeError):
        return {}
