"""What is found on a cluster is what one process finds."""

from __future__ import annotations

from gnntrack.datasets.check import check
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.datasets.synthetic import SceneSettings, find_detector
from gnntrack.datasets.synthetic.writing import write_scenes
from gnntrack.evaluation.report import evaluate
from gnntrack.outputs import read_manifest
from gnntrack.outputs.manifest import missing
from gnntrack.tasks import Workers


def bytes_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_check(tmp_path, scheduler):
    write_scenes(tmp_path / "data", SceneSettings(frames=20, objects=3), 3, find_detector("dancetrack-yolox"))
    path = tmp_path / "data" / "synthetic-0002" / "gt" / "gt.txt"
    path.write_text(path.read_text() + "1,1,5,5,nan,20,1,1,1\n")
    other = tmp_path / "data" / "synthetic-0003" / "det"
    (other / "det.txt").rename(other / "other.txt")
    here = check(tmp_path / "data")
    assert dict(here.counts) == {"number": 1, "missing": 1}
    assert [len(figures) for figures in here.sequences.values()] == [3, 2]
    assert check(tmp_path / "data", workers=Workers(scheduler=scheduler)) == here


def test_synth(tmp_path, scheduler):
    settings = SceneSettings(frames=20, objects=3)
    for name, workers in (("here", Workers()), ("there", Workers(scheduler=scheduler))):
        write_scenes(tmp_path / name, settings, 2, find_detector("dancetrack-yolox"), workers=workers)
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")
    manifest = read_manifest(tmp_path / "there")
    assert len(manifest.files) == 6 and missing(tmp_path / "there", manifest) is None


def test_eval(scheduler):
    pairs = {name: (sample(name, "annotations"), sample(name, "tracks")) for name in SAMPLES}
    assert evaluate(pairs, workers=Workers(scheduler=scheduler)) == evaluate(pairs)
