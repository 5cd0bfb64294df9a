"""What every verb that reads boxes can be told about the files: one bundle of options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

if TYPE_CHECKING:
    from gnntrack.datasets.recipe import DatasetRecipe
    from gnntrack.formats.raw import ReadingOptions
    from gnntrack.formats.registry import Format


@dataclass(frozen=True)
class Reading:
    """The options, as :func:`with_reading` adds them to a verb."""

    from_: Annotated[str | None, typer.Option("--from", help="Format of the source; guessed if missing.")] = None
    sequence: Annotated[list[str] | None, typer.Option(help="Only sequences of this name; * and ? are wildcards.")] = (
        None
    )
    detections: Annotated[
        str | None,
        typer.Option(help="Which ones, where there are several: a file in each sequence folder, or a folder."),
    ] = None
    on_error: Annotated[
        Literal["error", "skip"], typer.Option(help="skip: drop boxes without a size, and say how many.")
    ] = "error"
    frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the files: 0 or 1.", min=0, max=1)
    ] = None
    confidence: Annotated[
        Literal["check", "percent", "rescale"],
        typer.Option(
            help="percent: divide by 100. rescale, for raw scores: each file's lowest becomes 0, its highest 1; "
            "that changes results."
        ),
    ] = "check"
    size: Annotated[
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Size of the pictures, where the files do not say.")
    ] = None
    frame_rate: Annotated[
        float | None, typer.Option(help="Frames a second, where the files do not say.", min=0.001)
    ] = None
    last_column: Annotated[
        Literal["confidence", "id"] | None,
        typer.Option(help="What the sixth column of YOLO rows is, where the files do not tell."),
    ] = None
    image_list: Annotated[
        str | None, typer.Option(metavar="FILE", help="COCO file that lists the images of a bare list of results.")
    ] = None

    def options(self, recipe: DatasetRecipe | None = None) -> ReadingOptions:
        """How files are read: as said here, else as the recipe says."""
        from dataclasses import replace

        from gnntrack.datasets.recipe import read_options

        options = read_options(
            recipe, self.on_error, self.frame_base, self.confidence, self.size, self.frame_rate, self.sequence
        )
        detections = self.detections or options.detections
        return replace(options, detections=detections, last_column=self.last_column, image_list=self.image_list)

    def format(self) -> Format | None:
        """The format that was named."""
        from gnntrack.formats.registry import by_name

        return None if self.from_ is None else by_name(self.from_)


#: Nothing was said.
AS_USUAL = Reading()


def with_reading(verb: Callable[..., None], without: tuple[str, ...] = ()) -> Callable[..., None]:
    """A verb whose parameter ``reading`` becomes the options of :class:`Reading`, but for those it has no use for."""
    hints = get_type_hints(Reading, include_extras=True)
    own = get_type_hints(verb, include_extras=True)
    offered = [item for item in fields(Reading) if item.name not in without]
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(verb).parameters.values():
        if parameter.name != "reading":
            parameters.append(parameter.replace(annotation=own[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        for item in offered:
            added = inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default)
            parameters.append(added.replace(annotation=hints[item.name]))

    @wraps(verb)
    def told(**values: Any) -> None:
        reading = Reading(**{item.name: values.pop(item.name) for item in offered})
        verb(reading=reading, **values)

    told.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    told.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": None}
    return told
