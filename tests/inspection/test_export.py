from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from torch_geometric.data import Data

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.graphs import slice_window
from gnntrack.inspection.convert import from_networkx, to_networkx
from gnntrack.inspection.export import read_graph, write_graph
from gnntrack.inspection.tracks import tracks_to_networkx

from .conftest import equal

FORMATS = ["graphml", "gexf", "json"]


def same(a: nx.DiGraph, b: nx.DiGraph) -> bool:
    return (
        a.graph == b.graph
        and dict(a.nodes(data=True)) == dict(b.nodes(data=True))
        and {(s, t): v for s, t, v in a.edges(data=True)} == {(s, t): v for s, t, v in b.edges(data=True)}
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_window_reads_back_equal(window: Data, tmp_path: Path, kind: str) -> None:
    graph, path = to_networkx(window), tmp_path / f"window.{kind}"
    write_graph(graph, path)
    assert same(read_graph(path), graph)
    assert equal(from_networkx(read_graph(path)), window)


def test_whole_sequence_reads_back_equal(campus: Data, tmp_path: Path) -> None:
    write_graph(to_networkx(campus), tmp_path / "campus.json")
    assert equal(from_networkx(read_graph(tmp_path / "campus.json")), campus)


@pytest.mark.parametrize("kind", FORMATS)
def test_tracks_read_back_equal(tmp_path: Path, kind: str) -> None:
    graph = tracks_to_networkx(sample("TUD-Campus", "tracks"))
    write_graph(graph, tmp_path / f"tracks.{kind}")
    assert same(read_graph(tmp_path / f"tracks.{kind}"), graph)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("frames", [(30, 30), (9000, 9001)])
def test_graphs_without_links_read_back_equal(campus: Data, tmp_path: Path, kind: str, frames: tuple[int, int]) -> None:
    data = slice_window(campus, *frames)
    write_graph(to_networkx(data), tmp_path / f"empty.{kind}")
    assert equal(from_networkx(read_graph(tmp_path / f"empty.{kind}")), data)


@pytest.mark.parametrize("kind", FORMATS)
def test_awkward_names_survive(window: Data, tmp_path: Path, kind: str) -> None:
    window.name = """<script>alert("1 & 2")</script> 'straße' ]]>"""
    write_graph(to_networkx(window), tmp_path / f"window.{kind}")
    assert read_graph(tmp_path / f"window.{kind}").graph["name"] == window.name


def test_gexf_has_a_time_line(window: Data, tmp_path: Path) -> None:
    write_graph(to_networkx(window), tmp_path / "window.gexf")
    root = ElementTree.parse(tmp_path / "window.gexf").getroot()
    tag = root.tag.removesuffix("gexf")
    graph = root.find(f"{tag}graph")
    assert graph is not None
    assert graph.get("mode") == "dynamic"
    node, edge = graph.find(f"{tag}nodes/{tag}node"), graph.find(f"{tag}edges/{tag}edge")
    assert node is not None
    assert edge is not None
    first, second = window.frame[window.edge_index[:, 0]].tolist()
    assert (node.get("start"), node.get("end")) == (
        f"{window.frame[0].item():.1f}",
        f"{window.frame[0].item() + 1:.1f}",
    )
    assert (edge.get("start"), edge.get("end")) == (f"{first:.1f}", f"{second + 1:.1f}")
    assert node.get("label") == f"{window.identity[0].item()} in frame {window.frame[0].item()}"


def test_feature_columns_are_named(window: Data, tmp_path: Path) -> None:
    write_graph(to_networkx(window), tmp_path / "window.graphml")
    text = (tmp_path / "window.graphml").read_text()
    assert 'attr.name="features.GIoU"' in text
    assert 'attr.name="box.w"' in text


def test_unreadable_files_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no graph format '\.txt'; use \.graphml, \.gexf, \.json"):
        write_graph(nx.DiGraph(), tmp_path / "graph.txt")
    with pytest.raises(DataError, match=r"cannot read|not JSON|not XML"):
        read_graph(tmp_path / "missing.json")
    for kind in FORMATS:
        broken = tmp_path / f"broken.{kind}"
        broken.write_text("<broken")
        with pytest.raises(DataError, match=r"cannot read|not JSON|not XML"):
            read_graph(broken)
    with pytest.raises(DataError, match="cannot be written"):
        write_graph(nx.DiGraph([(0, 1, {"odd": object()})]), tmp_path / "odd.graphml")
    assert not (tmp_path / "odd.graphml").exists()


@pytest.mark.parametrize("kind", ["graphml", "gexf"])
def test_entities_are_not_expanded(kind, tmp_path):
    (tmp_path / f"g.{kind}").write_text(f'<!DOCTYPE x [<!ENTITY a "b">]>\n<{kind}>&a;</{kind}>')
    with pytest.raises(DataError, match="declares a document type or entities; remove it"):
        read_graph(tmp_path / f"g.{kind}")
