"""``.npy`` files of floats: the header is matched, never evaluated, and held against the file's length."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError
from gnntrack.loaders.text import open_file
from gnntrack.remote import is_remote, local_copy
from gnntrack.showing import shown

_MAGIC = b"\x93NUMPY"
#: Bytes of the header's length by version.
_LENGTHS = {1: 2, 2: 4, 3: 4}
#: Bytes of a header, axes, and length of the axes of an array without elements.
LARGEST_HEADER, MOST_AXES, LARGEST_EMPTY = 4096, 8, 2**16
_HEADER = re.compile(
    r"\{ *'descr': *'([^']{1,20})', *'fortran_order': *(False|True),"
    r" *'shape': *\(((?:[0-9]{1,15}, ?){0,8}(?:[0-9]{1,15})?)\),? *\}[ \n]*"
)
_FLOATS = ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8")


def read_npy(path: Path) -> np.ndarray:
    """The array of floats in a file, memory-mapped.

    Raises:
        DataError: the file is missing, cut off or no such file, or holds something else than floats.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "a.npy")
        >>> np.save(path, np.ones((2, 3)))
        >>> read_npy(path).shape
        (2, 3)
    """
    if is_remote(path):
        with local_copy(path) as copy:
            return read_npy(copy)
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(8)
        if start[:6] != _MAGIC or len(start) < 8 or start[6] not in _LENGTHS:
            raise DataError("no .npy file", remedy="expected an array that numpy.save wrote", path=path)
        length = int.from_bytes(file.read(_LENGTHS[start[6]]), "little")
        if length > LARGEST_HEADER:
            raise DataError(f"a header of {length} bytes", remedy="expected an array of floats", path=path)
        header = file.read(length).decode("latin-1")
        offset = file.tell()
    match = _HEADER.fullmatch(header) if len(header) == length else None
    if match is None:
        raise DataError("no header of an array", remedy="expected an array of floats", path=path)
    if match[1] not in _FLOATS:
        raise DataError(f"an array of {shown(match[1])}", remedy="expected floats", path=path)
    dtype, shape = np.dtype(match[1]), tuple(int(axis) for axis in match[3].split(",") if axis.strip())
    needed = math.prod(shape) * dtype.itemsize
    if needed != size - offset:
        problem = f"an array of {needed} bytes in a file that has {size - offset} for it"
        raise DataError(problem, remedy="the file is cut off, or not whole", path=path)
    if len(shape) > MOST_AXES or (not needed and max(shape, default=0) > LARGEST_EMPTY):
        raise DataError(f"an array of the shape {shown(shape)}", remedy="expected one row a box", path=path)
    if not needed:
        return np.zeros(shape, dtype)
    try:
        return np.memmap(path, dtype, mode="r", offset=offset, shape=shape, order="F" if match[2] == "True" else "C")
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read: {str(error)[:80]}", remedy="check the file", path=path) from None
