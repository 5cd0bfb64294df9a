"""The folder of plots: a page that leads to all of them, in which names are only ever text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from matplotlib.image import imread
from PIL import Image

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.report import score_all
from gnntrack.inspection.frame_images import images_beside, numbered_images
from gnntrack.inspection.plots_page import write_plots

from .conftest import toy

NASTY = """<script>alert(1)</script>"'&%2e%2e $x^2$"""


class Parts(HTMLParser):
    """Elements of a page, and the addresses in them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value for name, value in attrs if name in ("href", "src") and value]


def written(results, target: Path, **more) -> Path:
    scores = {name: score_all(pairs) for name, pairs in results.items()}
    write_plots(target, results, scores, **more)
    return target


@pytest.fixture(scope="module")
def swapped():
    """Two objects whose tracks change places, and one that is lost."""
    truth = toy("1 1 1 1 1\n2 2 2 2 2\n3 3 3 3 3")
    return truth, toy("7 7 7 8 8\n8 8 8 7 7\n9 9 . . .")


def test_the_page_leads_to_every_plot(tmp_path, swapped):
    truth, tracks = swapped
    results = {"one": {"toy": (truth, tracks)}, "two": {"toy": (truth, truth)}}
    folder = written(results, tmp_path / "plots")
    page = Parts(folder / "index.html")
    linked = {unquote(address) for address in page.addresses}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    assert linked == files
    assert files == {"hota.png", "1-one/moment-1.png", "1-one/1-toy-timeline.png", "2-two/1-toy-timeline.png"}
    assert all(imread(folder / name).std() > 0 for name in files)
    assert page.tags.count("figcaption") == page.tags.count("img") == 4
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "object 1: track 7 becomes 8" in text
    assert "3 objects, 3 tracks, 2 switches, 3 misses, 0 false positives" in text
    assert "No errors." in text
    for word in ("http:", "https:", "<script", "url("):
        assert word not in text


def test_names_are_only_text(tmp_path, swapped):
    truth, tracks = (replace(side, name=NASTY.replace("/", "")) for side in swapped)
    folder = written({NASTY: {truth.name: (truth, tracks)}}, tmp_path / "plots")
    page = Parts(folder / "index.html")
    assert set(page.tags).isdisjoint({"script", "iframe", "object"})
    assert not [name for name in page.attributes if name.startswith("on")]
    for address in page.addresses:
        assert re.fullmatch(r"[\w./-]+\.png", address)
        assert ".." not in address
        assert (folder / address).is_file()
    assert "&lt;script&gt;alert(1)&lt;" in (folder / "index.html").read_text(encoding="utf-8")


def test_names_that_are_alike_as_files_have_files_of_their_own(tmp_path, swapped):
    truth, tracks = swapped
    pairs = {name: (replace(truth, name=name), replace(tracks, name=name)) for name in ("a b", "a-b", "轨迹")}
    folder = written({"x": pairs}, tmp_path / "plots", most=0)
    names = sorted(path.name for path in folder.rglob("*-timeline.png"))
    assert names == ["1-a-b-timeline.png", "2-a-b-timeline.png", "3-timeline.png"]


def test_moments_stand_on_the_frames_of_the_sequence(tmp_path, swapped):
    truth, tracks = swapped
    for number in range(1, 6):
        path = tmp_path / "data" / "toy" / "img1" / f"{number:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 200), (0, 200, 0)).save(path)
    results = {"one": {"toy": (truth, tracks)}}
    folder = written(results, tmp_path / "plots", images=tmp_path / "data")
    image = imread(folder / "1-one" / "moment-1.png")[..., :3]
    green = (abs(image - [0, 200 / 255, 0]) < 0.15).all(-1).mean()
    assert green > 0.2
    plain = imread(written(results, tmp_path / "blank") / "1-one" / "moment-1.png")[..., :3]
    assert (abs(plain - [0, 200 / 255, 0]) < 0.15).all(-1).mean() < 0.01


def test_images_that_lie_elsewhere_are_not_followed(tmp_path, swapped):
    (tmp_path / "elsewhere").mkdir()
    Image.new("RGB", (100, 200)).save(tmp_path / "elsewhere" / "1.png")
    (tmp_path / "data" / "toy").mkdir(parents=True)
    (tmp_path / "data" / "toy" / "img1").symlink_to(tmp_path / "elsewhere")
    with pytest.warns(DataWarning, match="leads out of its folder.*toy is drawn on a blank canvas"):
        written({"one": {"toy": swapped}}, tmp_path / "plots", images=tmp_path / "data")


def test_an_image_that_cannot_be_read_is_one_clear_line_and_leaves_nothing(tmp_path, swapped):
    folder = tmp_path / "data" / "toy" / "img1"
    folder.mkdir(parents=True)
    for number in range(1, 6):
        (folder / f"{number}.jpg").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"\.jpg: cannot read: not an image"):
        written({"one": {"toy": swapped}}, tmp_path / "plots", images=tmp_path / "data")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_where_images_are_looked_for(tmp_path):
    for place in ("root/A/img1", "alone/img1", "empty/img1"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "root/A/img1/000007.jpg").touch()
    (tmp_path / "alone/img1/frame_0.png").touch()
    (tmp_path / "alone/gt").mkdir()
    (tmp_path / "alone/gt/gt.txt").touch()
    assert images_beside(tmp_path / "root", "A") == {7: tmp_path / "root/A/img1/000007.jpg"}
    assert images_beside(tmp_path / "root", "B") == {}
    for root in (tmp_path / "alone", tmp_path / "alone/gt/gt.txt"):
        assert images_beside(root, "alone") == {1: tmp_path / "alone/img1/frame_0.png"}
    assert images_beside(tmp_path / "empty", "empty") == {}
    assert images_beside(tmp_path / "missing", "A") == {}
    with pytest.raises(DataError, match="no images"):
        numbered_images(tmp_path / "empty/img1")


def test_what_a_benchmark_does_not_score_is_not_drawn(tmp_path):
    """Object 1 is a static person (class 7 of MOT17): neither it nor the track on it counts."""
    truth = sample("TUD-Campus", "annotations")
    table = truth.boxes.assign(class_id=truth.boxes["id"].eq(1).map({True: 7, False: 1}))
    truth = replace(truth, boxes=table)
    results = {"one": {"TUD-Campus": (truth, sample("TUD-Campus", "tracks"))}}
    scores = {"one": score_all(results["one"], "mot17")}
    write_plots(tmp_path / "plots", results, scores, "mot17", most=0)
    assert "7 objects, 12 tracks" in (tmp_path / "plots" / "index.html").read_text(encoding="utf-8")


def test_a_video_without_annotations_has_moments_but_no_timeline(tmp_path, swapped):
    truth, tracks = swapped
    empty = replace(toy(". . ."), name="empty")
    results = {"one": {"toy": (truth, truth), "empty": (empty, replace(tracks, name="empty"))}}
    folder = written(results, tmp_path / "plots")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    assert names == {"hota.png", "1-one/1-toy-timeline.png", "1-one/moment-1.png"}
    assert "track 7 is on no annotated object" in (folder / "index.html").read_text(encoding="utf-8")
