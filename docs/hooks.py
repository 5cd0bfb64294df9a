"""Lets the site's pages link to files of the repository, as they do where the repository is browsed."""

from __future__ import annotations

import re
from os.path import normpath, relpath
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).parents[1]
#: Where these files lie in the site.
FOLDER = "repository"
#: Files that the menu names.
PAGES = ("models/default.md", "models/open.md", "CHANGELOG.md", "CONTRIBUTING.md")
#: Pages without a table of contents beside them: room for code, and for wide tables.
WIDE = ("notebooks/", "compared.md")
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
_ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):<code>[~.]*([\w.]+)</code>")


def on_files(files: Any, config: Any) -> Any:
    """Adds every file of the repository that a page links to, and those that these link to."""
    from mkdocs.structure.files import File

    found = set(PAGES)
    waiting = [*PAGES, *(f"docs/{page.src_uri}" for page in files.documentation_pages())]
    while waiting:
        for target in targets(waiting.pop()):
            if not target.startswith("docs/") and target not in found and (ROOT / target).is_file():
                found.add(target)
                waiting.append(target)
    for name in sorted(found):
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"{FOLDER}/{name}", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Leads links to where their targets lie in the site, and gives wide pages room."""
    if page.file.src_uri.startswith(WIDE):
        page.meta["hide"] = ["toc"]
    return with_links(markdown, page.file.src_uri)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Makes references of docstrings links, where the reference has what they name."""
    return _ROLE.sub(r'<autoref identifier="\1" optional><code>\1</code></autoref>', html)


def targets(name: str) -> list[str]:
    """The files that a page of the repository links to, relative to the repository."""
    if not name.endswith(".md"):
        return []
    text = (ROOT / name).read_text(encoding="utf-8")
    return [normpath(PurePosixPath(name).parent / link) for link in _LINK.findall(text)]


def with_links(markdown: str, page: str) -> str:
    """A page's text with links that hold in the site.

    Args:
        markdown: with links as they are in the repository.
        page: where it lies in the site.

    Example:
        >>> with_links("[card](../models/default.md#licence)", "track.md")
        '[card](repository/models/default.md#licence)'
        >>> with_links("[track](../docs/track.md) [history](history.md)", "repository/models/default.md")
        '[track](../../track.md) [history](history.md)'
    """
    inside = page.startswith(f"{FOLDER}/")
    place = PurePosixPath(page.removeprefix(f"{FOLDER}/") if inside else f"docs/{page}").parent

    def moved(link: re.Match[str]) -> str:
        target = normpath(place / link[1])
        there = target.removeprefix("docs/") if target.startswith("docs/") else f"{FOLDER}/{target}"
        return f"]({relpath(there, PurePosixPath(page).parent)}"

    return _LINK.sub(moved, markdown)
