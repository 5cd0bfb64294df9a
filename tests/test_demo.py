"""The whole path, with a training of two epochs; the real length is a benchmark's business."""

from __future__ import annotations

import json

import pytest

from gnntrack.demo import run_demo
from gnntrack.errors import DataError


def test_whole_path(tmp_path):
    said: list[str] = []
    result = run_demo(tmp_path / "demo", epochs=2, say=said.append, progress=False)
    written = json.loads((tmp_path / "demo" / "metrics.json").read_text())
    assert list(written) == ["baseline", "online", "offline", "seconds"]
    assert written == json.loads(result.to_json())
    assert set(written["offline"]) == {"mota", "idf1", "hota", "idsw"}
    assert written["baseline"] == {"mota": 53.203, "idf1": 52.668, "hota": 37.636, "idsw": 5}
    for kind in ("baseline", "online", "offline"):
        lines = (tmp_path / "demo" / "tracks" / kind / "TUD-Campus.txt").read_text().splitlines()
        assert len(lines) > 150
    for name in ("curves.png", "graph.png"):
        assert (tmp_path / "demo" / name).read_bytes()[:4] == b"\x89PNG"
    assert any("window graphs" in line for line in said)
    with pytest.raises(DataError, match="output exists"):
        run_demo(tmp_path / "demo")
