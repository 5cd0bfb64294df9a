"""Conversions by the video: the same bytes on a cluster, and single failures are told together."""

from __future__ import annotations

import pytest

from gnntrack.datasets.convert import convert
from gnntrack.datasets.store import GraphSource, convert_to_graphs
from gnntrack.errors import FailedTasksError
from gnntrack.graphs import GraphSettings
from gnntrack.tasks import Workers
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)
from tests.tracking.test_folder import data  # noqa: F401 (a fixture)


def bytes_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("to", ["mot", "kitti", "coco", "yolo", "csv"])
def test_a_cluster_gives_the_same_bytes(data, tmp_path, scheduler, to):  # noqa: F811
    here = convert(data, tmp_path / "here", to)
    there = convert(data, tmp_path / "there", to, workers=Workers(scheduler=scheduler))
    assert here == there
    assert here.sequences == {"detections": 3}
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")


def test_a_cluster_gives_the_same_graphs(data, tmp_path, scheduler):  # noqa: F811
    for place, workers in (("here", Workers()), ("there", Workers(scheduler=scheduler))):
        list(convert_to_graphs(GraphSource(data), tmp_path / place, GraphSettings(), workers=workers))
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")


@pytest.mark.parametrize("to", ["mot", "graphs"])
def test_every_video_that_fails_is_listed(data, tmp_path, to):  # noqa: F811
    for name in "ac":
        (data / name / "det" / "det.txt").write_text("1,-1,5,5,nan,20,1\n")
    with pytest.raises(FailedTasksError, match="2 of 3 sequences failed; mend them, or leave them out: no ") as end:
        if to == "graphs":
            list(convert_to_graphs(GraphSource(data), tmp_path / "out", GraphSettings()))
        else:
            convert(data, tmp_path / "out", to)
    assert [str(error).partition(";")[0] for error in end.value.errors] == [
        f"{data}/{name}/det/det.txt:1: w is nan" for name in "ac"
    ]
    assert not list(tmp_path.glob("*out*"))
