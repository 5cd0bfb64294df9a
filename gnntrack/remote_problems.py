"""What goes wrong where data lies elsewhere, as one line with a remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from gnntrack.errors import DataError, MachineError

#: Packages whose exceptions tell of a machine or an account elsewhere, not of a fault in this program.
_PACKAGES = {"aiobotocore", "aiohttp", "botocore", "fsspec", "gcsfs", "google", "requests", "s3fs", "urllib3"}
#: Numbers of errors of this machine's own disk.
_OWN = {28, 30, 122}


@contextmanager
def told(path: object, verb: str = "read") -> Iterator[None]:
    """What goes wrong elsewhere in the block is a :class:`DataError` of one line.

    Args:
        path: what is read or written.
        verb: what is done to it.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        problem = _problem(error)
        if problem is None:
            raise
        what, remedy = problem
        raise MachineError(f"cannot {verb}: {what}", remedy=remedy, path=str(path)) from None


def _problem(error: Exception) -> tuple[str, str] | None:
    """What is wrong and what to do; None where the program is."""
    name, text = type(error).__name__, " ".join(str(error).split())
    package = type(error).__module__.partition(".")[0]
    if not isinstance(error, OSError) and package not in _PACKAGES:
        return None
    status = getattr(error, "status", None) or getattr(error, "code", None)
    credentials = "check the credentials, which fsspec takes from where its packages do"
    if "NoSuchBucket" in text or "bucket does not exist" in text:
        return "no such bucket", "check its name, or make it"
    if "Credential" in name or "credentials" in text.lower() or "RefreshError" in name:
        return "no credentials, or they are not complete", credentials
    if isinstance(error, PermissionError) or status in (401, 403):
        return f"permission denied{_said(text)}", credentials
    if isinstance(error, FileNotFoundError) or status == 404:
        return "no such object", "check the address"
    if isinstance(error, OSError) and error.errno in _OWN:
        return f"{os.strerror(error.errno)}", "this machine's disk, not the remote one: free some"
    lost = ("Payload", "Incomplete", "Disconnected", "Reset", "Closed")
    if any(word in name for word in lost) or any(word in text for word in ("not enough data", "Response payload")):
        return f"the connection was lost{_said(text)}", "run it again"
    if (
        isinstance(error, ConnectionError | TimeoutError)
        or "Connect" in name
        or "Timeout" in name
        or "Endpoint" in name
    ):
        return f"cannot be reached{_said(text)}", "check the address and the network"
    return f"{name}{_said(text)}", "check the address, the account and the network"


def _said(text: str) -> str:
    text = re.sub(r"\?\S+", "", text)  # a query may be a signature
    return f" ({text[:120]})" if text else ""
