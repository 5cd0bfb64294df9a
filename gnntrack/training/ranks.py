"""The processes that train one network together: what each of them does, and what they tell each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor, distributed

from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.torch_tensors import unpacked_tensors
from gnntrack.training.checkpoint import decode, encode

_T = TypeVar("_T")
_R = TypeVar("_R")
_STATE = "state"


class Ranks:
    """One process alone, or one of several that hold the same weights and share out the rest.

    All processes call the same methods in the same order. What they tell each other is numbers and JSON, never pickle.

    Args:
        rank: of this process, from 0.
        count: of processes.
        device: that messages go through: a GPU where only GPUs are connected.
        speaks: whether errors of all are told by this process: one on each machine does.

    Example:
        >>> Ranks(1, 3).share(range(8))
        [1, 4, 7]
        >>> ALONE.shares([7, None]), ALONE.gather("all")
        ([1.0, 1.0], ['all'])
    """

    def __init__(self, rank: int = 0, count: int = 1, device: torch.device | str = "cpu", speaks: bool = True) -> None:
        self.rank, self.count, self.device, self.speaks = rank, count, torch.device(device), speaks

    @property
    def main(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    @property
    def alone(self) -> bool:
        """Whether there is no other."""
        return self.count == 1

    def share(self, items: Iterable[_T]) -> list[_T]:
        """Those that are this process's: every ``count``-th."""
        return list(items)[self.rank :: self.count]

    def joined(self, mine: Sequence[_T]) -> list[_T]:
        """The inverse of :meth:`share`: what all processes made of theirs, in the order of the whole."""
        if self.alone:
            return list(mine)
        parts = self.gather(list(mine))
        return [part[row] for row in range(max(map(len, parts))) for part in parts if row < len(part)]

    def each(
        self, items: Sequence[_T], work: Callable[[_T], _R], between: Callable[[], None] = lambda: None
    ) -> list[_R]:
        """Does something with all items, each on one of the processes; all have all results, in order.

        Args:
            items: the same on all processes.
            work: may fail on one of them.
            between: called after every item, as often on all processes.
        """
        mine: list[_R] = []
        for first in range(0, len(items), self.count):
            here = items[first : first + self.count][self.rank : self.rank + 1]  # one, or none
            mine += self.together(partial(list, map(work, here)))
            between()
        return self.joined(mine)

    def gather(self, value: _T) -> list[_T]:
        """The values of all processes: numbers, texts, arrays, tensors, and lists and mappings of these."""
        if self.alone:
            return [value]
        tensors: dict[str, Tensor] = {}
        text = json.dumps(encode(value, tensors)).encode()
        tensors[_STATE] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        message = torch.frombuffer(bytearray(save(tensors)), dtype=torch.uint8).to(self.device)
        sizes = [torch.zeros(1, dtype=torch.int64, device=self.device) for _ in range(self.count)]
        distributed.all_gather(sizes, torch.tensor([len(message)], device=self.device))
        longest = max(int(size) for size in sizes)
        padded = torch.nn.functional.pad(message, (0, longest - len(message)))
        received = [torch.empty_like(padded) for _ in range(self.count)]
        distributed.all_gather(received, padded)
        return [_unpacked(one[: int(size)]) for one, size in zip(received, sizes, strict=True)]

    def from_main(self, value: _T) -> _T:
        """The value of the main process."""
        return self.gather(value if self.main else None)[0]  # type: ignore[return-value]

    def sums(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """The sums of values over all processes."""
        mine = np.asarray(values, dtype=np.float64)
        if self.alone:
            return mine
        total = torch.from_numpy(mine.copy()).to(self.device)
        distributed.all_reduce(total)
        result: np.ndarray = total.cpu().numpy()
        return result

    def any(self, wanted: bool) -> bool:
        """Whether one of the processes wants it."""
        return wanted if self.alone else bool(self.sums([wanted]).any())

    def shares(self, counts: Sequence[float | None]) -> list[float]:
        """The share of this process in means that go over so much here; None: a sum, which counts in full."""
        if self.alone:
            return [1.0] * len(counts)
        mine = np.array([0.0 if count is None else count for count in counts])
        # means of nothing were divided by 1, as they are where there is one process
        shares = np.maximum(mine, 1.0) / np.maximum(self.sums(mine), 1.0)
        return [1.0 if count is None else share for count, share in zip(counts, shares.tolist(), strict=True)]

    def together(self, work: Callable[[], _T]) -> _T:
        """Does what may fail on one process alone: then all of them end, and one on each machine says why.

        Raises:
            DataError: of whichever failed, in a process that speaks.
            SystemExit: likewise, in the others.
        """
        if self.alone:
            return work()
        error, result = None, None
        try:
            result = work()
        except DataError as problem:
            error = problem
        if self.any(error is not None):
            texts = self.gather("" if error is None else str(error))
            first = next(number for number, text in enumerate(texts) if text)
            raise (error or DataError(f"process {first + 1}: {texts[first]}")) if self.speaks else SystemExit(2)
        return result  # type: ignore[return-value]


#: One process, as training is without several devices.
ALONE = Ranks()


def _unpacked(message: Tensor) -> Any:
    tensors = unpacked_tensors(message.cpu().numpy().tobytes())
    return decode(parse_json(tensors.pop(_STATE).numpy().tobytes()), tensors)
