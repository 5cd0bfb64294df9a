"""Training recipes and the data sets that they name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.own_folder import labelled_folder
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled_split
from gnntrack.errors import DataError
from gnntrack.losses import build_loss
from gnntrack.models import ModelRecipe, TrainingRecipe
from gnntrack.models.training_settings import SetOfData
from gnntrack.remote import is_remote
from gnntrack.training.job import StageData

_Sets = tuple[list[Labelled], list[Labelled]]


def load_recipe(name: str | Path) -> tuple[TrainingRecipe, Path]:
    """A recipe of ``models/`` or ``training/``, by name or by path, and its folder.

    A file with ``stages`` and nothing of a model is a training recipe: weights bring the model.

    Raises:
        DataError: there is none, or it has an unknown key or a wrong value.

    Example:
        >>> [stage.train for stage in load_recipe("association")[0].stages]
        ['association', 'relinking', 'smoothing']
    """
    alone = name in recipes.names("training") and name not in recipes.names("models")
    path = recipes.find("training" if alone else "models", name)
    content = recipes.read(path)
    of_model = ModelRecipe.model_fields.keys() - TrainingRecipe.model_fields.keys()
    schema = TrainingRecipe if "stages" in content and not of_model & content.keys() else ModelRecipe
    return recipes.parse(content, schema, path), path.parent


class DataReader:
    """Reads data sets, each of them once.

    Args:
        root: folder that the root of every data set recipe is relative to.
        held_out: videos, by name or pattern, that are held out of folders that are named in place of a recipe.

    Attributes:
        folders: those that were read, with the names of the videos that are held out of each.
    """

    def __init__(self, root: Path | None = None, held_out: Iterable[str] = ()) -> None:
        self.root, self.held_out = root, tuple(held_out)
        self.folders: dict[str, list[str]] = {}
        self._read: dict[str | Path, _Sets] = {}
        self._root_counts = root is None

    def read(self, name: str | Path) -> _Sets:
        """The labelled training and validation sequences of a data set recipe.

        Args:
            name: of ``datasets/``, a recipe's path, or a folder of annotated videos.
        """
        if name not in self._read and name not in recipes.names("datasets") and _is_folder(name):
            self._read[name] = labelled_folder(name if is_remote(name) else Path(name), self.held_out)
            self.folders[str(name)] = list(dict.fromkeys(item.sequence.name for item in self._read[name][1]))
        if name not in self._read:
            data = recipes.load("datasets", name, DatasetRecipe)
            if self.root is not None and data.format != "sample":
                data, self._root_counts = data.model_copy(update={"root": str(self.root / data.root)}), True
            self._read[name] = list(labelled_split(data, "training")), list(labelled_split(data, "validation"))
        return self._read[name]

    def require_root(self) -> None:
        """Refuses a root, and videos to hold out, that none of the data sets has to do with.

        Raises:
            DataError: all of them are the sample, which lies inside the motmetrics package, or folders; or recipes
                alone say what is held out.
        """
        if self.held_out and not self.folders:
            remedy = "name them in the data set recipe, as validation:"
            raise DataError("--held-out is for folders of videos, and no --dataset is one", remedy=remedy)
        if not self._root_counts and self.folders:
            raise DataError(
                "--root with folders of videos, which it does not lead to", remedy="leave it out", path=self.root
            )
        if not self._root_counts:
            problem = "--root with the sample alone, which lies inside the motmetrics package"
            raise DataError(problem, remedy="leave it out, or name another data set", path=self.root)

    def joined(self, names: Iterable[str | Path]) -> _Sets:
        """Those of several; one that is named twice counts twice."""
        sets = [self.read(name) for name in names]
        training, validation = ([item for one in sets for item in one[split]] for split in (0, 1))
        return training, validation


def stage_data(
    recipe: TrainingRecipe,
    folder: Path | None,
    reader: DataReader,
    datasets: Iterable[str | Path] = (),
    loss: str | Path | None = None,
) -> list[StageData]:
    """What each stage of a recipe learns from.

    Args:
        recipe: names data sets, for all stages or for each.
        folder: that paths in the recipe are relative to; None for recipes that came with weights.
        reader: of data sets.
        datasets: instead of those of the recipe.
        loss: instead of what the recipe names.

    Raises:
        DataError: a stage has no data set, or one cannot be read.
    """
    own, result = list(datasets), []
    found: dict[tuple[str | Path, ...], _Sets] = {}  # stages with the same data share it
    for stage in recipe.stages:
        names = tuple(own or [name for item in stage.data or recipe.data for name in _names(item, folder)])
        if not names:
            raise DataError(
                f"no data set for the stage {stage.title}", remedy="name one with --dataset, or in the recipe as data:"
            )
        if names not in found:
            found[names] = reader.joined(names)
        own_loss: str | None = getattr(stage, "loss", None)
        result.append(StageData(*found[names], None if own_loss is None else build_loss(loss or own_loss)))
    reader.require_root()
    return result


def _is_folder(name: str | Path) -> bool:
    if not is_remote(name):
        return Path(name).is_dir()
    name.check()
    return name.is_dir()


def _names(item: SetOfData, folder: Path | None) -> list[str | Path]:
    """How a data set is found, as often as it counts."""
    if not item.is_path:
        return [item.recipe] * item.count
    if folder is None:
        raise DataError(
            f"{item.recipe} lies beside the recipe that the weights were trained with",
            remedy="name that one, with --recipe, or your own data, with --dataset",
        )
    path = folder / item.recipe
    return [path if is_remote(path) else str(path)] * item.count
