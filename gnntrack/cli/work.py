"""The options that say where the work of a verb is done, and what becomes of single failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gnntrack.cli.grouped import with_options

if TYPE_CHECKING:
    from gnntrack.tasks import Workers


@dataclass(frozen=True)
class Work:
    """The options, as :func:`with_work` adds them to a verb."""

    workers: Annotated[int, typer.Option(help="Processes; the result does not depend on it.", min=1)] = 1
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:8786.")
    ] = None
    memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Most memory of a process, such as 2GB; default: an equal share."),
    ] = None
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first sequence that fails.")] = False
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped: what is finished and unchanged stays.")
    ] = False

    def where(self) -> Workers:
        """Where it is done."""
        from gnntrack.tasks import Workers

        return Workers(self.workers, self.scheduler, self.memory, self.fail_fast)


#: Nothing was said.
ALONE = Work()


def with_work(verb: Callable[..., None], without: tuple[str, ...] = ()) -> Callable[..., None]:
    """A verb whose parameter ``work`` becomes the options of :class:`Work`, but for those it has no use for."""
    return with_options(verb, "work", Work, without)
