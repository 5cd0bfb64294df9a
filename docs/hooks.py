"""Lets the site's pages link to files of the repository, as they do where the repository is browsed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
FOLDER = "repository"
_LINK = re.compile(r"\]\(\.\./([^)#]+)")


def on_files(files: Files, config: Any) -> Files:
    """Adds every file of the repository that a page links to."""
    texts = [Path(page.abs_src_path).read_text(encoding="utf-8") for page in files.documentation_pages()]
    for name in sorted({name for text in texts for name in _LINK.findall(text)}):
        source = ROOT / name
        if source.is_file():
            text = source.read_text(encoding="utf-8")
            files.append(File.generated(config, f"{FOLDER}/{name}", content=_kept_apart(text)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Leads links out of ``docs`` to these files."""
    return markdown if page.file.src_uri.startswith(FOLDER) else _LINK.sub(rf"]({FOLDER}/\1", markdown)


def _kept_apart(text: str) -> str:
    """The file without links of its own: what they lead to is not in the site."""
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)
