"""The streams of a pool by name, for threads that add and remove some while others track."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.tracking.online import Tracker


@dataclass
class Member:
    """A stream of a pool.

    Attributes:
        name: of the stream.
        tracker: its own.
        lock: held by who uses the tracker.
    """

    name: Hashable
    tracker: Tracker
    lock: threading.Lock = field(default_factory=threading.Lock)


def may_name(stream: object) -> bool:
    """Whether it can be the name of a stream: no list, and no tuple with one in it.

    Example:
        >>> may_name(("lane", 1)), may_name(["gate"])
        (True, False)
    """
    try:
        hash(stream)
    except TypeError:
        return False
    return True


class Members:
    """Streams in the order in which they were added."""

    def __init__(self) -> None:
        self._members: dict[Hashable, Member] = {}
        self._changing = threading.Lock()  # guards the members, not their trackers

    def add(self, member: Member) -> None:
        """Adds a stream.

        Raises:
            DataError: nothing can have this name, or another stream has it.
        """
        if not may_name(member.name):
            remedy = "give a text, a number or a tuple"
            raise DataError(f"{shown(member.name)} cannot be the name of a stream", remedy=remedy)
        with self._changing:
            if member.name in self._members:
                problem = f"there is a stream {shown(member.name)} already"
                raise DataError(problem, remedy="remove it, or choose another name")
            self._members[member.name] = member

    def remove(self, stream: Hashable) -> Member:
        """Takes a stream out.

        Raises:
            DataError: there is no such stream.
        """
        with self._changing:
            member = self[stream]
            del self._members[stream]
        return member

    def all(self) -> list[Member]:
        """The streams as they are now."""
        return list(self._members.values())

    def __contains__(self, stream: Hashable) -> bool:
        return may_name(stream) and stream in self._members

    def __iter__(self) -> Iterator[Hashable]:
        return iter(list(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, stream: Hashable) -> Member:
        try:
            return self._members[stream]
        except (KeyError, TypeError):
            raise DataError(f"no stream {shown(stream)}", remedy="add it to the pool") from None
