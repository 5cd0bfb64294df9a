"""Pages of results: each says which command made it."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from gnntrack.files import write_text

ROOT = Path(__file__).resolve().parents[1]
#: How folders of this machine are called in a command, by the option before them; others by the option's own name.
PLACES = {"--root": "DATA", "": "FOLDER"}


def write_page(path: Path, text: str, chooses: str | None = None) -> None:
    """Writes a page under the command that this program was started with.

    Args:
        path: of the page.
        text: of the page.
        chooses: the option that names what is measured anew; all other figures stay, so the command goes without it,
            and with the options that made those figures.
    """
    command = command_line(sys.argv, chooses)
    if chooses in sys.argv and path.is_file():
        command = with_options_of(command, path.read_text(encoding="utf-8"))
    write_text(path, with_command(text.rstrip() + "\n", command))


def with_options_of(command: str, page: str) -> str:
    r"""A command, and those options of a page's own command that it does not have.

    Example:
        >>> page = "`python benchmarks/speed.py --rounds 2 --long 9`\n"
        >>> with_options_of("python benchmarks/speed.py --rounds 3", page)
        'python benchmarks/speed.py --rounds 3 --long 9'
    """
    script = shlex.split(command.split(" --")[0])[-1]
    found = re.search(rf"`[^`\n]*python {re.escape(script)}((?: [^`\n]*)?)`", page)
    options = re.findall(r" (--\S+)((?: (?!--)\S+)*)", found[1]) if found else []
    present = command.split()
    return command + "".join(f" {name}{values}" for name, values in options if name not in present)


def with_command(text: str, command: str) -> str:
    r"""A page that begins with its command, below a title if it has one.

    Example:
        >>> with_command("# Speed\n\nFast.\n", "python benchmarks/speed.py")
        '# Speed\n\n`python benchmarks/speed.py`\n\nFast.\n'
    """
    title, rest = text.split("\n", 1) if text.startswith("# ") else ("", text)
    return "\n\n".join(part for part in (title, f"`{command}`", rest.lstrip("\n")) if part)


def command_line(words: list[str], without: str | None = None) -> str:
    """A command without this machine's folders.

    Args:
        words: as in ``sys.argv``: the script, then its arguments.
        without: an option that is left out, with all that follows it up to the next.

    Example:
        >>> words = [str(ROOT / "benchmarks" / "speed.py"), "--root", "/"]
        >>> command_line([*words, "--parts", "online", "--rounds", "2"], "--parts").removeprefix("OMP_NUM_THREADS=1 ")
        'python benchmarks/speed.py --root DATA --rounds 2'
    """
    option, named = "", list[str]()
    for word in words:
        option = word if word.startswith("--") else option
        if option != without:
            named.append(_named(word, option))
    threads = "OMP_NUM_THREADS=1 " if os.environ.get("OMP_NUM_THREADS") == "1" else ""
    return threads + shlex.join(["python", *named])


def _named(word: str, option: str) -> str:
    """A path in the project from its root, another by the option that it belongs to."""
    path = Path(word).absolute()
    if not path.exists() or word == option:
        return word
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).as_posix()
    return PLACES.get(option, option.lstrip("-").upper())
