"""A comparison as one HTML file: tables, wins and losses, and the worst moments, each a link into a page to watch."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from urllib.parse import quote

from gnntrack.evaluation.comparison import Comparison
from gnntrack.evaluation.output import of_comparison
from gnntrack.evaluation.pair_types import Results
from gnntrack.evaluation.report import scores_and_errors
from gnntrack.evaluation.rules import Benchmark
from gnntrack.files import write_text
from gnntrack.inspection.html import document, table, text
from gnntrack.inspection.moments import Moment, worst_moments
from gnntrack.inspection.plots.wins import draw_wins
from gnntrack.inspection.view import PageOptions, write_page
from gnntrack.outputs import output_folder
from gnntrack.remote import as_path


def write_comparison_page(
    path: str | PathLike[str],
    comparison: Comparison,
    results: Results,
    benchmark: str | Benchmark = "custom",
    most: int = 8,
    overwrite: bool = False,
) -> list[Path]:
    """Writes the report, and beside it, in ``NAME-view``, a page for every video that has one of the worst moments.

    The report needs no network; nothing in it is a script, and names are only ever text.

    Args:
        path: the ``.html`` file.
        comparison: of the results; one result is fine.
        results: what was compared.
        benchmark: whose rules decide what counts.
        most: moments of each result.
        overwrite: replace the folder of an earlier report.

    Returns:
        The pages to watch.

    Raises:
        DataError: the folder holds something else.
    """
    path = as_path(path)
    folder = path.with_name(f"{path.stem}-view")
    pages: list[Path] = []
    *blocks, videos = of_comparison(comparison)
    parts = [f"<h1>{text(' · '.join(comparison.rows))}</h1>", *map(table, blocks)]
    if comparison.differences:
        parts.append(f'<img alt="wins and losses" src="{_image(comparison)}">')
    with output_folder(folder, "eval", overwrite=overwrite) as output:
        for number, (name, pairs) in enumerate(results.items(), 1):
            moments = worst_moments(scores_and_errors(pairs, benchmark)[1], most)
            addresses = {}
            for position, video in enumerate(dict.fromkeys(moment.sequence for moment in moments), 1):
                page = f"{number}-{position}.html"
                truth, tracks = pairs[video]
                other = results[comparison.first][video][1] if number > 1 else None
                write_page(
                    output.path / page, tracks, truth=truth, other=other, options=PageOptions(benchmark=benchmark)
                )
                addresses[video] = f"{quote(folder.name)}/{page}"
                pages.append(folder / page)
            parts += [f"<h2>Worst moments of {text(name)}</h2>", _list(moments, addresses)]
    parts.append(table(videos))
    write_text(path, document(" · ".join(comparison.rows), parts))
    return pages


def _list(moments: list[Moment], addresses: Mapping[str, str]) -> str:
    if not moments:
        return "<p>No errors.</p>"
    lines = []
    for moment in moments:
        link = f"{addresses[moment.sequence]}#frame={moment.first}"
        lines.append(f'<li><a href="{text(link)}">{text(moment.where)}</a>: {moment.what}</li>')
    return f"<ol>{''.join(lines)}</ol>"


def _image(comparison: Comparison) -> str:
    stream = io.BytesIO()
    draw_wins(comparison).savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
