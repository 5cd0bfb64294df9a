"""Results of a loop over ``update`` as a sequence: it is drawn, written and evaluated like any other."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack import DataError, Tracker, load_for_tracking, sample, track_online
from gnntrack.geometry import xywh_to_xyxy
from gnntrack.reading import read
from gnntrack.tracking import as_sequence, write_tracks


def test_a_loop_over_update_gives_what_track_online_gives() -> None:
    detections = sample("TUD-Campus", "detections")
    model, recipe = load_for_tracking("default")
    tracker = Tracker(model, recipe, width=detections.width, height=detections.height, frame_rate=detections.frame_rate)
    arrays = np.column_stack([xywh_to_xyxy(detections.xywh), detections.boxes[["conf", "class_id"]].to_numpy()])
    results = [tracker.update(arrays[detections.rows_of(frame)]) for frame in range(1, detections.length + 1)]
    tracks = as_sequence(results, width=640, height=480, frame_rate=25, name="TUD-Campus")
    expected = track_online(detections, model, recipe)
    columns = ["frame", "id", "class_id"]
    assert tracks.boxes[columns].equals(expected.boxes[columns])
    assert np.allclose(tracks.xywh, expected.xywh)
    assert tracks.length == detections.length == 71


def test_lost_tracks_are_not_visible_and_frames_may_be_empty() -> None:
    seen = np.array([[10.0, 20, 40, 90, 1, 0.9, 2, 0]])
    lost = np.array([[12.0, 20, 42, 90, 1, 0.9, 2, -1]])
    tracks = as_sequence([seen, np.zeros((0, 8)), lost], width=64, height=100, classes={2: "car"})
    assert tracks.boxes["frame"].tolist() == [1, 3]
    assert tracks.boxes["visibility"].tolist() == [1.0, 0.0]
    assert (tracks.length, tracks.classes) == (3, {2: "car"})
    assert as_sequence([], width=64, height=100).length == 0


def test_they_are_written_and_read_again(tmp_path) -> None:
    tracks = as_sequence([np.array([[10.0, 20, 40, 90, 1, 0.9, 0, 0]])] * 2, width=64, height=100, name="street")
    write_tracks(tmp_path / "street.txt", tracks)
    assert (tmp_path / "street.txt").read_text().splitlines()[1] == "2,1,10.0,20.0,30.0,70.0,0.9,-1,-1,-1"
    with pytest.warns(match="inferred"):
        assert np.allclose(read(tmp_path / "street.txt", "tracks")[0].xywh, tracks.xywh)


@pytest.mark.parametrize("bad", [np.zeros((2, 6)), np.zeros(8), [[1, 2, 3]]])
def test_what_is_no_result_is_one_line(bad) -> None:
    with pytest.raises(DataError, match=r"results of shape .* in frame 2; give what update returned for arrays"):
        as_sequence([np.zeros((0, 8)), bad], width=64, height=100)
