"""The reading options, shared by every verb that reads boxes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gnntrack.cli.grouped import with_options

if TYPE_CHECKING:
    from gnntrack.datasets.recipe import DatasetRecipe
    from gnntrack.formats.options import ReadingOptions


@dataclass(frozen=True)
class Reading:
    """The options, as :func:`with_reading` adds them to a verb."""

    from_: Annotated[str | None, typer.Option("--from", help="Format of the source; recognised if missing.")] = None
    sequence: Annotated[list[str] | None, typer.Option(help="Only sequences of this name; * and ? are wildcards.")] = (
        None
    )
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", help="Only boxes of this class, by name or number; may be given again."),
    ] = None
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
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Size of the images, where the files do not say.")
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

        from gnntrack.formats.options import ReadingOptions, parse_size

        given: dict[str, Any] = {
            "on_error": self.on_error,
            "frame_base": self.frame_base,
            "detections": self.detections,
            "size": None if self.size is None else parse_size(self.size),
            "frame_rate": self.frame_rate,
            "sequences": tuple(self.sequence or ()),
            "classes": tuple(self.classes or ()),
            "last_column": self.last_column,
            "image_list": self.image_list,
        }
        if self.confidence != "check":
            given["confidence"] = self.confidence
        base = ReadingOptions() if recipe is None else recipe.options()
        return replace(base, **{name: value for name, value in given.items() if value is not None})

    def format(self, recipe: DatasetRecipe | None = None) -> str | None:
        """The name of the format: as said here, else as the recipe says."""
        return self.from_ or (None if recipe is None else recipe.format)


#: Nothing was said.
AS_USUAL = Reading()


def with_reading(verb: Callable[..., None], without: tuple[str, ...] = ()) -> Callable[..., None]:
    """A verb whose parameter ``reading`` becomes the options of :class:`Reading`, but for those it has no use for."""
    return with_options(verb, "reading", Reading, without)
