"""Results that are kept piece by piece, so that a run that was cut off goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from result_pages import write_page

from gnntrack.files import write_text

Row = dict[str, Any]
Rows = dict[str, Row]


class Kept:
    """Rows in a JSON file, those of an earlier run too.

    Args:
        path: of the file.

    Attributes:
        rows: by name; change them and call :meth:`write`, or :meth:`get` them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: Rows = json.loads(path.read_text()) if path.is_file() else {}

    def get(self, key: str, make: Callable[[], Row]) -> Row:
        """The row of a key; one that is not there yet is made, with the CPU seconds that it took."""
        if key not in self.rows:
            start = time.process_time()
            self.rows[key] = make() | {"cpu_seconds": round(time.process_time() - start, 1)}
            self.write()
            shown = {name: value for name, value in self.rows[key].items() if not isinstance(value, dict)}
            print(key, shown, flush=True)
        return self.rows[key]

    def write(self) -> None:
        """Writes the rows, atomically."""
        write_text(self.path, json.dumps(self.rows, indent=1) + "\n")

    def tell(self, report: Callable[[Rows], str]) -> None:
        """Writes the report beside the rows, and prints it."""
        text = report(self.rows)
        write_page(self.path.with_suffix(".md"), text, "--again")
        print(text)
