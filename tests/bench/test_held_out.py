"""What training was worth: both weights on the same videos, and words that fit the figures."""

from __future__ import annotations

import pytest

from gnntrack.bench import Measured, compare_weights, measure
from gnntrack.bench.held_out import words
from gnntrack.evaluation import evaluate
from gnntrack.models import ModelRecipe, build_model, save_weights
from gnntrack.models.overriding import overridden
from tests.bench.test_bench import Asked, cut, perfect, video


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Weights of which the second takes no box for a track."""
    folder = tmp_path_factory.mktemp("weights")
    recipe = ModelRecipe()
    model = build_model(recipe)
    for name, least in (("a", 0.1), ("b", 1.0)):
        settings = {"births.confidence": least, "links.minimum_confidence": least, "offline.minimum_length": 1}
        save_weights(folder / f"{name}.safetensors", model, overridden(recipe, settings))
    return folder / "a.safetensors", folder / "b.safetensors"


def videos():
    """Two of the same name, as a set that is read in two ways has them."""
    for count in (2, 3):
        truth, boxes = video("street", count)
        yield truth.boxes, type(boxes)(**vars(boxes) | {"boxes": boxes.boxes.assign(conf=0.8)})


def test_both_weights_track_the_same_videos(weights):
    found = compare_weights(*weights, videos())
    assert list(found.scores) == ["start, online", "trained, online", "start, offline", "trained, offline"]
    assert found.videos == ["street", "street (2)"]
    assert found.metric("trained, online", "hota").tolist() == [0, 0]
    assert (found.metric("start, online", "hota") > 0).all()
    first, second = words(found)
    assert first.startswith("online: HOTA ") and second.startswith("offline: HOTA ")
    assert first.endswith(": no gain, the weights of the start are the safer ones")


def words_of(start, new, counts) -> list[str]:
    clips = {name: video(name, count) for name, count in zip("abcdef", counts, strict=False)}
    truths, boxes = ({name: pair[part] for name, pair in clips.items()} for part in (0, 1))
    modes = ("online", "offline")
    runs = {f"{title}, {mode}": run for mode in modes for title, run in (("start", start), ("trained", new))}
    references = {f"trained, {mode}": f"start, {mode}" for mode in modes}
    found: Measured = measure(Asked(truths, boxes, runs, references=references))
    return words(found)


def test_words_fit_the_figures():
    gained = words_of(cut(2), perfect, (2, 3, 4, 5, 6, 7))[0]
    truth, boxes = video("a", 2)
    before = 100 * evaluate({"a": (truth.boxes, cut(2)(boxes).tracks)})["a"]["hota"]  # alike for any number of people
    gain = f"{100 - before:+.1f}"
    assert f"online: HOTA {before:.1f} before, 100.0 now, {gain} [{gain}, {gain}]; IDF1 " in gained
    assert gained.endswith("switches 108 before, 0 now"), gained
    assert words_of(perfect, cut(2), (2, 3))[0].endswith(": no gain, the weights of the start are the safer ones")
    assert "this may be chance is not known" in words_of(cut(2), perfect, (2,))[0]

    def better_once(boxes):
        return perfect(boxes) if len(boxes) > 20 else cut(3)(boxes)

    assert words_of(cut(3), better_once, (2, 2, 2, 2, 2, 3))[0].endswith("below 0, so it may be chance")
