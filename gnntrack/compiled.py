"""Loops over boxes that are compiled on their first use, and kept on disk for the next time.

numba keeps machine code for as long as the file of the function stays as it is. But callees and constants of other
modules are compiled in, so here a function's code is kept for as long as all of that stays as it is.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import bytecode, caching, event

_caching: Any = caching  # numba comes without types
_event: Any = event
_njit: Any = numba.njit
#: numba tells the symbols of functions apart by a number that it counts up from 1 in every process. What a cache keeps
#: of two processes could have the same one, and one function would find the other's constants.
bytecode.FunctionIdentity._unique_ids = itertools.count(secrets.randbits(60))
Function = TypeVar("Function", bound=Callable[..., Any])
#: The compiled functions of all modules that were imported.
FUNCTIONS: list[Any] = []
_unkept: list[str] = []
#: Is told how many functions are ready, and of how many.
Show = Callable[[int, int], None]


def compiled(function: Function) -> Function:
    """The function as machine code: on a few dozen boxes an array operation costs more to call than to do.

    Division by zero gives infinity or nan, as numpy's does. Where nothing may be written, not even in a cache folder,
    it is compiled again in every process; :func:`unkept` says so then.
    """
    return _made(function)


def compiled_loosely(function: Function) -> Function:
    """The same, and sums may be taken in any order, many at a time: results are rounded differently by other machines.

    For learning, whose results depend on the machine in any case; tracking is the same on all.
    """
    # a mapping: a set is shown in another order by every process, and would not be found in the cache
    return _made(function, fastmath={"contract": True, "nsz": True, "reassoc": True})


def _made(function: Function, **options: Any) -> Function:
    result: Any = _njit(function, error_model="numpy", no_cfunc_wrapper=True, **options)  # no C code calls it
    if hasattr(result, "py_func"):  # not under NUMBA_DISABLE_JIT, where it is the function as it was
        FUNCTIONS.append(result)
        try:
            result._cache = _Cache(result)  # what numba's own ``cache=True`` does, with its own cache
        except RuntimeError:  # numba found no place for the cache
            _unkept.append(str(Path(function.__code__.co_filename).parent))
    machine_code: Function = result
    return machine_code


@contextmanager
def compilations(each: Callable[[], None] = lambda: None) -> Iterator[list[str]]:
    """Collects the names of the functions that are compiled meanwhile; what is read from the cache is none.

    Args:
        each: called after every one.

    Example:
        >>> with compilations() as names:
        ...     compiled(lambda number: number + 1)(1)
        2
        >>> len(names)
        1
    """
    names: list[str] = []

    class Listener(_event.Listener):  # type: ignore[misc]
        def on_start(self, event: Any) -> None:
            pass

        def on_end(self, event: Any) -> None:
            names.append(event.data["dispatcher"].py_func.__qualname__)
            each()

    with _event.install_listener("numba:compile", Listener()):
        yield names


def unkept() -> str | None:
    """The folder where machine code could not be kept, if it could not."""
    return _unkept[-1] if _unkept else None


class _Cache(_caching.FunctionCache):  # type: ignore[misc]
    """The files of one function's machine code; they count for as long as its fingerprint stays the same."""

    def __init__(self, dispatcher: Any) -> None:
        super().__init__(dispatcher.py_func)
        self._dispatcher, self._stamped = dispatcher, False

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        self._stamp()
        try:
            return super()._load_overload(sig, target_context)
        except Exception:  # a file that was cut off may raise anything: compile again
            with suppress(OSError):
                self.flush()
            return None

    def _save_overload(self, sig: Any, data: Any) -> None:
        self._stamp()
        try:
            super()._save_overload(sig, data)
        except OSError:  # the disk is full, or the folder became read-only: the next process compiles again
            _unkept.append(self._cache_path)

    def _stamp(self) -> None:
        """Sets what must not have changed; only now, because a function may use what its module defines later."""
        if not self._stamped:
            stamp, base = fingerprint(self._dispatcher), self._impl.filename_base
            self._cache_file = _caching.IndexDataCacheFile(self._cache_path, base, stamp)
            self._stamped = True


def fingerprint(dispatcher: Any) -> str:
    """SHA-256 of all that goes into a compiled function: code, options, callees, constants.

    Args:
        dispatcher: what :func:`compiled` returned.
    """
    digest = hashlib.sha256()
    for part in _parts(dispatcher, set()):
        digest.update(f"{len(part)}:{part}".encode(errors="backslashreplace"))
    return digest.hexdigest()


def _parts(value: Any, known: set[int]) -> Iterator[str]:
    """What a value says of itself, the same in every process; functions once, with all that they use."""
    if hasattr(value, "py_func"):
        function = value.py_func
        yield f"{function.__module__}.{function.__qualname__}"
        if id(value) not in known:
            known.add(id(value))
            yield repr(sorted(value.targetoptions.items()))
            yield from _parts(function.__defaults__, known)
            yield from _parts([cell.cell_contents for cell in function.__closure__ or ()], known)
            yield from _code_parts(function.__code__, function.__globals__, known)
    elif isinstance(value, tuple | list):
        yield f"{type(value).__qualname__} of {len(value)}"
        for item in value:
            yield from _parts(item, known)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str}{value.shape}{value.tobytes().hex()}"
    elif isinstance(value, frozenset):
        yield from sorted(part for item in value for part in _parts(item, known))
    elif isinstance(value, type):
        yield f"{value.__module__}.{value.__qualname__}{getattr(value, '_fields', '')}"
    elif isinstance(value, ModuleType):
        yield value.__name__
    elif hasattr(value, "__qualname__"):  # a function of numpy or of Python, which numba knows by name
        yield f"{value.__module__}.{value.__qualname__}"
    else:
        yield f"{type(value).__qualname__} {value!r}"


def _code_parts(code: CodeType, names: dict[str, Any], known: set[int]) -> Iterator[str]:
    """A function's code, and what the names in it stand for."""
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant, names, known)
        else:
            yield from _parts(constant, known)
    for name in code.co_names:
        value = names.get(name)
        yield from _parts(value, known)
        if isinstance(value, ModuleType):  # ``module.constant``
            for inner in code.co_names:
                yield from _parts(vars(value).get(inner), known)
