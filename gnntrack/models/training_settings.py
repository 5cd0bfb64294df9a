"""How each stage of a training goes: the entries of a recipe's list ``stages``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from gnntrack.models.augmentation_settings import AugmentationSettings, WindowAugmentationSettings
from gnntrack.recipes import Settings, idle_error, stored
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.remote import refuse_address
from gnntrack.smoothing.settings import SmoothingNetworkSettings

#: Most data sets of a stage, most times that one of them counts, and most stages.
MOST_SETS, MOST_TIMES, MOST_STAGES = 100, 100, 20


class SetOfData(Settings):
    """A data set of a stage; a text alone is its ``recipe``.

    Attributes:
        recipe: a name of ``datasets/``, or the path of a YAML file, relative to the file that says so and below its
            folder.
        count: how often it counts.
    """

    recipe: str = Field(min_length=1, max_length=300)
    count: int = Field(1, ge=1, le=MOST_TIMES)

    @field_validator("recipe")
    @classmethod
    def _below(cls, recipe: str) -> str:
        path = PurePosixPath(refuse_address(recipe, "the recipe"))
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("leads out of the recipe's folder; name a file below it, or give --dataset")
        return recipe

    @property
    def is_path(self) -> bool:
        """Whether it is a file beside the recipe, no name."""
        return "/" in self.recipe or self.recipe.endswith(".yaml")


DataSets = Annotated[
    tuple[
        Annotated[SetOfData, BeforeValidator(lambda value: {"recipe": value} if isinstance(value, str) else value)], ...
    ],
    Field(max_length=MOST_SETS),
]


class StageSettings(Settings):
    """What all stages have.

    Attributes:
        train: what learns.
        name: of the stage and of its folder in the run; ``train``, if left out.
        data: of this stage; if left out, the recipe's.
        batch_size: examples a step.
        learning_rate: peak of the schedule (a short rise, then a cosine to 0).
        weight_decay: of AdamW.
        gradient_clip: largest gradient norm.
    """

    #: Whether the validation videos choose which epoch's weights are kept; else the last are.
    chooses: ClassVar[bool] = True

    train: str
    name: str = Field("", max_length=60)
    data: DataSets = ()
    batch_size: int = Field(8, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-2, ge=0)
    gradient_clip: float = Field(1.0, gt=0)

    @field_validator("name")
    @classmethod
    def _is_folder(cls, name: str) -> str:
        if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            raise ValueError("use lower-case letters, digits and '-'")
        return name

    @property
    def title(self) -> str:
        """The name, or what is trained."""
        return self.name or self.train


Frozen = Annotated[tuple[Literal["appearance", "boxes"], ...], Field(max_length=1)]


class WindowStageSettings(StageSettings):
    """A network of window graphs learns from windows; the last weights are kept.

    Attributes:
        loss: a name of ``losses/``.
        epochs: passes over the training windows.
        augmentation: how windows are changed.
    """

    chooses: ClassVar[bool] = False

    train: Literal["window"] = "window"
    loss: str = "unitrack"
    epochs: int = Field(30, ge=1)
    augmentation: WindowAugmentationSettings = WindowAugmentationSettings()


class AssociationStageSettings(StageSettings):
    """The network that links tracks to detections learns by tracking.

    Attributes:
        loss: a name of ``losses/``.
        labels: which identities are true: ``given`` ones, or those of the network's own offline ``tracks``, found anew
            at the beginning of every epoch, for videos that nobody annotated.
        freeze: ``[boxes]`` trains only the appearance branch, which is added if there is none;
            so without embeddings tracks stay what they were. ``[appearance]`` keeps those, and the rest learns.
        epochs: after each the validation videos are tracked.
        steps: of an epoch.
        length: frames of a clip.
        window: frames that one step learns from.
        own: share of clips in which the network's own links are made; in the others, the true ones.
        reverse: share of clips that run backwards.
        patience: epochs without a better validation score after which training stops; 0: never.
        augmentation: how clips are changed.
    """

    train: Literal["association"] = "association"
    loss: str = "unitrack-light"
    labels: Literal["given", "tracks"] = "given"
    freeze: Frozen = ()
    epochs: int = Field(30, ge=1)
    steps: int = Field(250, ge=1)
    length: int = Field(100, ge=4)
    window: int = Field(4, ge=1)
    own: float = Field(0.7, ge=0, le=1)
    reverse: float = Field(0.5, ge=0, le=1)
    patience: int = Field(0, ge=0)
    augmentation: AugmentationSettings = AugmentationSettings()


class RelinkingStageSettings(StageSettings):
    """The network that corrects identities after crossings learns from clips that the tracker has tracked.

    Attributes:
        freeze: as for the association stage.
        from_scratch: a new network, where weights to begin from hold one; otherwise that one learns on.
        network: what is trained, where it is a new one.
        clips: tracked once, before training.
        length: frames of a clip.
        whole: how often every video counts as it is, beside the clips.
        moments: in so many frames as a clip has, at which the online tracker would correct identities.
        reverse: share of clips that run backwards.
        steps: of training.
        augmentation: how clips are changed.
    """

    train: Literal["relinking"] = "relinking"
    freeze: Frozen = ()
    from_scratch: bool = False
    network: TrackletNetworkSettings = TrackletNetworkSettings()
    clips: int = Field(2500, ge=0)
    length: int = Field(500, ge=4)
    whole: int = Field(2, ge=0)
    moments: int = Field(6, ge=0)
    reverse: float = Field(0.5, ge=0, le=1)
    steps: int = Field(2500, ge=1)
    batch_size: int = Field(20, ge=1)
    weight_decay: float = Field(0.03, ge=0)
    augmentation: AugmentationSettings = AugmentationSettings(overlay=0.2)

    @field_validator("network")
    @classmethod
    def _sees_what_the_others_see(
        cls, network: TrackletNetworkSettings, info: ValidationInfo
    ) -> TrackletNetworkSettings:
        if network.appearance and not stored(info):
            problem = "network.appearance of a relinking stage does nothing"
            raise idle_error(problem, "leave it out: training takes it from architecture.appearance")
        return network


class SmoothingStageSettings(StageSettings):
    """The networks that smooth the boxes of tracks, offline and online, learn from videos that the tracker has tracked.

    Attributes:
        from_scratch: new networks, where weights to begin from hold some; otherwise those learn on.
        network: what is trained, where it is a new one.
        copies: of every video, with more noise, beside the video as it is.
        noise: standard deviation over copies of the noise on the sides of a box, in box sizes; each copy draws its own.
        steps: of training.
    """

    train: Literal["smoothing"] = "smoothing"
    from_scratch: bool = False
    network: SmoothingNetworkSettings = SmoothingNetworkSettings()
    copies: int = Field(1, ge=0)
    noise: float = Field(0.04, ge=0, le=0.5)
    steps: int = Field(4000, ge=1)
    batch_size: int = Field(512, ge=1)
    learning_rate: float = Field(3e-3, gt=0)
    weight_decay: float = Field(0.05, ge=0)


def _by_name(value: Any) -> Any:
    return {"train": value} if isinstance(value, str) else value


AnyStage = WindowStageSettings | AssociationStageSettings | RelinkingStageSettings | SmoothingStageSettings
Stages = Annotated[
    tuple[Annotated[AnyStage, Field(discriminator="train"), BeforeValidator(_by_name)], ...],
    Field(min_length=1, max_length=MOST_STAGES),
]
#: What is trained in each kind of model, in this order if a recipe does not say.
STAGES = {"message_passing": ("window",), "association": ("association", "relinking", "smoothing")}
