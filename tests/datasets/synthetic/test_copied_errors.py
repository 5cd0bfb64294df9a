"""What is kept of a detector's errors, saved and read again; files that lie are one line."""

import json
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from gnntrack import DataError
from gnntrack.datasets.synthetic import Hardness, find_detector, fit_detector, keep_errors, load_detector, save_detector
from gnntrack.datasets.synthetic.crossings import Crossings
from gnntrack.loaders.tensors import read_header
from tests.datasets.synthetic.drawn import FRAMES, detected, halves, merged, two_cross


@pytest.fixture(scope="module")
def errors():
    truth = two_cross()
    pairs = [(truth, detected(truth, merged)), (truth, detected(truth, halves))]
    return keep_errors(pairs, "two videos", Hardness(doubled=0.5))


def test_errors_are_kept_by_track(errors):
    """First video: b is lost from frame 14 to 28 and a grows; second: a is, and has two false positives each time."""
    found = errors.found.reshape(2, 2, FRAMES)  # video, object, frame
    close = np.isin(np.arange(1, FRAMES + 1), range(14, 29))
    np.testing.assert_array_equal(found, [[~(close & False), ~close], [~close, ~(close & False)]])
    grown = errors.moves.reshape(2, 2, FRAMES, 4)[0, 0]
    assert (grown[close, 2:] > 0).any(1).all() and not grown[~close].any()
    assert (errors.confidence == np.where(errors.found, 0.9, 0)).all()
    assert (errors.beside // FRAMES == 2).all() and len(errors.beside) == 30
    assert set(errors.beside_confidence) == {0.9, 0.6}
    assert errors.lengths.tolist() == [82, 82] and len(errors.crossings) == 2


def test_calm_stretches_lie_between_crossings(errors):
    """The crossing of frames 13 to 28 leaves a stretch before and one after, of both, in both videos."""
    assert (errors.calm.reshape(2, 2, 2, 2) - [[[[0]], [[FRAMES]]], [[[2 * FRAMES]], [[3 * FRAMES]]]]).tolist() == [
        [[[0, 12], [28, 41]]] * 2
    ] * 2


def test_boxes_that_go_on_keep_their_object():
    """While b is hidden, a's box lies nearer to b in one frame: it stays a's all the same."""
    truth = two_cross()

    def drifting(table):
        table = table[~((table["id"] == 2) & table["frame"].between(17, 25))]
        return table.assign(x=table["x"].where((table["frame"] != 22) | (table["id"] != 1), 305.0))

    found = keep_errors([(truth, detected(truth, drifting))]).found.reshape(2, FRAMES)
    assert found[0].all() and not found[1, 16:25].any()


def test_errors_survive_being_saved(tmp_path, errors):
    path = tmp_path / "a.safetensors"
    save_detector(path, errors)
    again = load_detector(path)
    for part, other, names in ((errors, again, fields(errors)), (errors.crossings, again.crossings, fields(Crossings))):
        for field in names:
            first, second = getattr(part, field.name), getattr(other, field.name)
            if isinstance(first, np.ndarray):
                np.testing.assert_allclose(second, first, rtol=1e-3, atol=1e-4)
            elif field.name != "crossings":
                assert first == second
    save_detector(tmp_path / "b.safetensors", again)
    assert (tmp_path / "b.safetensors").read_bytes() == path.read_bytes()
    pd.testing.assert_frame_equal(pd.DataFrame(again.moves), pd.DataFrame(find_detector(str(path)).moves))


def test_nothing_to_keep_is_an_error():
    truth = two_cross()
    nothing = truth.without_ids().take(np.zeros(len(truth), dtype=bool))
    for pairs in ([], [(truth, nothing)]):
        with pytest.raises(DataError, match="no detection matches an annotation; give videos that have both"):
            keep_errors(pairs)


def test_a_kind_goes_to_a_file_of_its_own(tmp_path, errors):
    with pytest.raises(DataError, match=r"a\.json: no file for copied errors; tables go to a \.json file, copied"):
        save_detector(tmp_path / "a.json", errors)
    truth = two_cross()
    with pytest.raises(DataError, match=r"a\.safetensors: no file for tables; tables go to a \.json file"):
        save_detector(tmp_path / "a.safetensors", fit_detector([(truth, detected(truth))]))
    assert not list(tmp_path.iterdir())


def with_row(name, value, at=0):
    """A file whose array has another value in one place."""

    def change(arrays, about):
        arrays[name] = arrays[name].copy()
        arrays[name].flat[at] = value

    return change


def replaced(name, array):
    return lambda arrays, about: arrays.update({name: array})


def lying(key, value):
    return lambda arrays, about: about.update({key: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_row("moves", np.nan), r"moves: nan; expected -100 to 100"),
        (with_row("moves", np.inf), r"moves: inf; expected -100 to 100"),
        (with_row("beside_moves", 1000), r"beside_moves: 1000\.0; expected -100 to 100"),
        (with_row("confidence", 1.5), r"confidence: 1\.5; expected 0 to 1"),
        (with_row("beside_confidence", -1), r"beside_confidence: -1\.0; expected 0 to 1"),
        (with_row("found", 2), r"found: 2; expected 0 to 1"),
        (with_row("lengths", 83), r"lengths of videos that do not add up to 164 boxes"),
        (with_row("lengths", -82), r"lengths: -82; expected 0 to 164"),
        (with_row("beside", 164, -1), r"beside: 164; expected 0 to 163"),
        (with_row("beside", -1), r"beside: -1; expected 0 to 163"),
        (with_row("beside", 163), r"beside is not in order"),
        (with_row("calm", -5), r"calm: first row: -5; expected 0 to 163"),
        (with_row("calm", 165, -1), r"calm: row after the last: 165; expected 1 to 164"),
        (with_row("calm", 0, 1), r"calm: rows: 0; expected 1 to 164"),
        (with_row("calm", 100, 1), r"calm: rows of several videos"),
        (replaced("calm", np.zeros((0, 2), np.int32)), r"or no stretch"),
        (replaced("calm", np.array([[0, 9]], np.int32)), r"a video without a stretch"),
        (with_row("crossings.first", 2**31 - 1), r"crossings: first row: 2147483647; expected 0 to 163"),
        (with_row("crossings.last", -(2**31)), r"crossings: rows: -2147483660; expected 1 to 164"),
        (with_row("crossings.first", 1, -1), r"crossings: rows of several videos"),
        (with_row("crossings.peak", 1.5), r"crossings\.peak: 1\.5; expected 0 to 1"),
        (with_row("crossings.traits", np.nan), r"crossings\.traits: nan"),
        (with_row("crossings.side", 0), r"crossings\.side: 0; expected 1 to 1"),
        (
            replaced("crossings.side", np.ones(3, np.int8)),
            r"crossings\.side is of type I8 and shape \[3\]",
        ),
        (
            replaced("moves", np.zeros((164, 3), np.float16)),
            r"and shape \[164, 3\]; expected F16 and",
        ),
        (
            replaced("moves", np.zeros(164, np.float16)),
            r"and shape \[164\]; expected F16 and boxes × 4",
        ),
        (replaced("found", np.zeros(164, np.int8)), r"found is of type I8 and shape \[164\]; expected U8 and boxes"),
        (replaced("moves", np.zeros((164, 4))), r"'moves' is of type 'F64'; expected F16, I32, I8, U8"),
        (replaced("more", np.zeros(1, np.int8)), r"missing or unknown: more"),
        (lambda arrays, about: arrays.pop("calm"), r"missing or unknown: calm"),
        (lying("more", 1), r"unknown key 'more'"),
        (lying("hardness", {"suppression": [0.9, 0.1]}), r"a range from 0\.9 to 0\.1"),
        (lying("hardness", {"error_scale": [1, 1e9]}), r"hardness\.error_scale\.1: "),
        (lambda arrays, about: about.clear(), r"Field required"),
    ],
)
def test_files_that_lie_are_refused(tmp_path, errors, change, message):
    save_detector(tmp_path / "a.safetensors", errors)
    arrays = load_file(tmp_path / "a.safetensors")
    about = json.loads(read_header(tmp_path / "a.safetensors").metadata["copied_errors"])
    change(arrays, about)
    save_file(arrays, tmp_path / "b.safetensors", {"copied_errors": json.dumps(about)})
    with pytest.raises(DataError, match=message):
        load_detector(tmp_path / "b.safetensors")


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"one": np.zeros(3, np.int8)}, path)
    with pytest.raises(DataError, match=r"no copied errors of a detector; make one with gnntrack synth fit --copy"):
        load_detector(path)
    path.write_text("{}")
    with pytest.raises(DataError, match="cut off, or no safetensors file"):
        load_detector(path)
    with pytest.raises(DataError, match=r"no such file; give a path or one of: .*dancetrack-yolox"):
        find_detector("absent.safetensors")
    with pytest.raises(DataError, match=r"did you mean 'dancetrack-yolox"):
        find_detector("dancetrack-yolo")
