"""What a run begins with, and what it is refused for before anything is written."""

from __future__ import annotations

from lightning.fabric import seed_everything

from gnntrack.errors import DataError
from gnntrack.models import AssociationNetworkSettings, Model, ModelRecipe, TrainingRecipe, build_model, load_weights
from gnntrack.models.training_recipe import misplaced
from gnntrack.models.training_settings import AnyStage, AssociationStageSettings, WindowStageSettings
from gnntrack.scalars import whole_number
from gnntrack.training.job import StageData, Trained
from gnntrack.training.options import RunOptions

#: Stages that go through their data in epochs; the others count steps.
COUNTING_EPOCHS = (WindowStageSettings, AssociationStageSettings)


def begin(recipe: TrainingRecipe, options: RunOptions) -> Trained:
    """The model, new or read, and its recipe with the stages that are trained.

    Raises:
        DataError: the recipe is of stages alone and there are no weights to begin from; it needs networks that no
            stage has trained; its stages do not belong to the weights' kind of model; or none of them counts the epochs
            that the options ask for; or none builds windows, and there are to be workers for them, or fewer than 0.
    """
    seed_everything(options.seed, verbose=False)
    if options.epochs is not None and not any(isinstance(stage, COUNTING_EPOCHS) for stage in recipe.stages):
        raise DataError("no stage of the recipe counts epochs", remedy="leave out --epochs; the stages count steps")
    if whole_number(options.workers, "workers") < 0:
        raise DataError(f"workers {options.workers}", remedy="give processes, 0 or more")
    if options.workers and not any(isinstance(stage, WindowStageSettings) for stage in recipe.stages):
        remedy = "leave out --workers; --devices shares out the work of every stage"
        raise DataError("no stage of the recipe builds windows", remedy=remedy)
    stages = tuple(_with_epochs(stage, options.epochs) for stage in recipe.stages)
    if options.start is None:
        if not isinstance(recipe, ModelRecipe):
            raise DataError("the recipe names no model", remedy="begin from weights, with --start")
        return _new(recipe.model_copy(update={"stages": stages}))
    model, begun = load_weights(options.start)
    kind = begun.architecture.kind
    problem = misplaced(kind, stages)
    if problem is not None:
        raise DataError(problem, remedy=f"begin from weights of another kind than {options.start}")
    return model, begun.model_copy(update={"data": recipe.data, "stages": stages})


def _new(recipe: ModelRecipe) -> Trained:
    architecture = recipe.architecture
    if isinstance(architecture, AssociationNetworkSettings):
        for stage, part in (("relinking", "tracklets"), ("smoothing", "smoothing")):
            if getattr(architecture, part) is not None:
                remedy = f"leave out architecture: {part}; the stage {stage} makes it, as its network: says"
                raise DataError(f"the network for {part} would begin untrained", remedy=remedy)
    return build_model(recipe), recipe


def _with_epochs(stage: AnyStage, epochs: int | None) -> AnyStage:
    if epochs is None or not isinstance(stage, COUNTING_EPOCHS):
        return stage
    return stage.model_copy(update={"epochs": epochs})


def check_data(data: list[StageData]) -> None:
    """Every stage has at least one box to train on.

    Raises:
        DataError: one has none.
    """
    for item in data:
        if not any(len(labelled.sequence) for labelled in item.training):
            raise DataError("no box to train on", remedy="give sequences with at least one box")


def check_batches(recipe: ModelRecipe, processes: int) -> None:
    """Whether every process has a share of every batch.

    Raises:
        DataError: a stage has smaller batches.
    """
    for stage in recipe.stages:
        if stage.batch_size < processes:
            problem = f"{processes} processes share out batches of {stage.batch_size} (stage {stage.title})"
            raise DataError(problem, remedy="take fewer devices, or a larger batch_size")


def check_order(model: Model, recipe: ModelRecipe, fresh: bool) -> None:
    """Whether every stage finds what it needs: networks that track, and weights that are to stay as they are.

    Args:
        model: that the run begins with.
        recipe: whose stages are trained.
        fresh: whether the model has learned nothing yet.

    Raises:
        DataError: one does not.
    """
    if isinstance(recipe.stages[0], WindowStageSettings):
        return
    there = set() if fresh else {"association"}
    if getattr(model, "tracklets", None) is not None:
        there.add("relinking")
    for stage in recipe.stages:
        if stage.train != "association" and "association" not in there:
            problem = f"the stage {stage.title} needs a network that tracks"
            raise DataError(problem, remedy="train a stage association before it, or begin from weights, with --start")
        if getattr(stage, "labels", "given") == "tracks" and stage.train not in there:
            problem = f"the stage {stage.title} learns from its own tracks, which it cannot make yet"
            raise DataError(problem, remedy="begin from weights, with --start")
        if getattr(stage, "freeze", ()) and stage.train not in there:
            problem = f"the stage {stage.title} freezes weights that are not there yet"
            raise DataError(problem, remedy="train them in a stage before, or begin from weights, with --start")
        there.add(stage.train)
