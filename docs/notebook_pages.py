"""Makes pages of the site from the notebooks that ``make notebooks`` has run."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import Any

FOLDER = "notebooks"
#: What a page begins with, below its heading.
NOTE = "*[Download the notebook](NAME.ipynb), with what it printed and drew, or [its source](NAME.py).*"


def on_files(files: Any, config: Any) -> Any:
    """Adds a page, with its pictures, for each notebook's source."""
    from mkdocs.exceptions import PluginError
    from mkdocs.structure.files import File

    sources = [file for file in files if file.src_uri.startswith(f"{FOLDER}/") and file.src_uri.endswith(".py")]
    for source in sources:
        run = Path(source.abs_src_path).with_suffix(".ipynb")
        if not run.is_file():
            raise PluginError(f"{run} is missing: make notebooks writes it")
        name = f"{FOLDER}/{run.stem}"
        text, pictures = page_of(run)
        files.append(File.generated(config, f"{name}.md", content=text))
        for picture, content in pictures.items():
            files.append(File.generated(config, f"{FOLDER}/{picture}", content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Leads links to a notebook's source to its page."""
    return markdown if page.file.src_uri.startswith(f"{FOLDER}/") else with_pages(markdown)


def with_pages(markdown: str) -> str:
    """A page's text whose links to notebooks hold in the site.

    Example:
        >>> with_pages("[it](notebooks/own-detector.py), [hooks](hooks.py)")
        '[it](notebooks/own-detector.md), [hooks](hooks.py)'
    """
    return re.sub(rf"(\]\((?:[^)\s]*/)?{FOLDER}/[\w-]+)\.py", r"\1.md", markdown)


def page_of(run: Path) -> tuple[str, dict[str, bytes]]:
    """A notebook as Markdown, and its pictures by the paths that the text has for them.

    Args:
        run: the notebook, with outputs.
    """
    import nbformat
    from nbconvert import MarkdownExporter
    from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor

    notebook = nbformat.read(run, as_version=4)
    pictures = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source, shell = re.subn(r"^%%bash.*\n", "", cell.source)
            if shell:
                cell.metadata["magics_language"] = "sh"
            for output in cell.outputs:
                if "text" in output:
                    output["text"] = re.sub(r"\x1b\[[\d;]*m", "", output["text"])  # colours of terminals
                if "image/gif" in output.get("data", {}):
                    path = f"{run.stem}_files/moving-{len(pictures)}.gif"
                    pictures[path] = b64decode(output.data.pop("image/gif"))
                    output.data = {"text/markdown": f"![{alt_text(output)}]({path})"}
                if "text/html" in output.get("data", {}):
                    output.data["text/html"] = plain_table(output.data["text/html"])
    notebook, _ = CoalesceStreamsPreprocessor().preprocess(notebook, {})
    resources = {"output_files_dir": f"{run.stem}_files", "unique_key": run.stem}
    text, resources = MarkdownExporter().from_notebook_node(notebook, resources)
    heading, _, rest = text.partition("\n")
    return f"{heading}\n\n{NOTE.replace('NAME', run.stem)}\n{rest}", pictures | resources["outputs"]


def alt_text(output: Any) -> str:
    """What a moving image shows, in words."""
    return str(output.get("metadata", {}).get("image/gif", {}).get("alt", "moving image"))


def plain_table(html: str) -> str:
    r"""A data frame's table, to be styled as other tables are.

    Example:
        >>> plain_table('<div>\\n<style scoped>td {}</style>\\n<table border="1" class="dataframe">')
        '<div>\\n\\n<table>'
    """
    html = re.sub(r"<style scoped>.*?</style>", "", html, flags=re.DOTALL)
    return html.replace('<table border="1" class="dataframe">', "<table>").replace(' style="text-align: right;"', "")
