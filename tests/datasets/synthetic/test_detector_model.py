"""Detector files that lie about their tables are one line."""

import json

import pytest

from gnntrack import DataError
from gnntrack.datasets.synthetic import find_detector, load_detector


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recall": [[0.5] * 5] * 5}, "recall has 5 entries, expected 6"),
        ({"recall": [[0.5] * 4] * 6}, "recall has 4 entries, expected 5"),
        ({"recall": [[1.5] * 5] * 6}, "recall.0.0: Input should be less than or equal to 1"),
        ({"distance": [[1.0]] * 6}, "distance has 1 entries"),
        ({"distance": [[float("nan")] * 25] * 6}, r"distance\.0\.0: "),
        ({"memory": [2.0] * 7}, r"memory\.0: "),
        ({"memory": [0.5] * 8}, "memory has 8 entries, expected 7"),
        ({"correlation": [[0.1] * 7]}, "correlation has 1 entries, expected 7"),
        ({"background": {"rates": []}}, r"background\.rates: "),
        ({"background": {"survival": 1.0}}, r"background\.survival: "),
        ({"background": {"rates": [1e9]}}, r"background\.rates\.0: "),
        ({"beside": {"rates": [0.1]}}, r"beside\.rates has 1 entries, expected 6"),
        ({"beside": {"place": [[1.0] * 25] * 3}}, "place has 3 entries, expected 4"),
    ],
)
def test_tables_of_another_shape_or_range_are_refused(tmp_path, change, message):
    content = find_detector("dancetrack-yolox").model_dump(mode="json")
    for key, value in change.items():
        content[key] = content[key] | value if isinstance(value, dict) else value
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        load_detector(tmp_path / "a.json")
