"""Pages as a reader uses them: their commands and Python blocks, in order."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        language: that follows the fence.
        text: between the fences.
        line: of the page, counted from 1, where the text begins.
    """

    language: str
    text: str
    line: int


def blocks(text: str, *languages: str) -> list[Block]:
    """The fenced blocks of these languages."""
    found = re.finditer(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    every = [Block(match[1], match[2], text[: match.start(2)].count("\n") + 1) for match in found]
    return [block for block in every if block.language in languages]


def commands(text: str) -> list[list[str]]:
    """The commands of a shell block, split as a shell would; comments and settings of the environment are left out."""
    lines = text.replace("\\\n", " ").splitlines()
    split = [shlex.split(line, comments=True) for line in lines]
    without = [[word for word in words if not re.match(r"[A-Z_]+=", word)] for words in split]
    return [words for words in without if words]


def unfenced(text: str) -> list[str]:
    """Commands that stand outside of fences, where no test would find them."""
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^ +(?:[A-Z_]+=\S+ )?(?:gnntrack|python|make|pip) .*", rest, re.MULTILINE)
