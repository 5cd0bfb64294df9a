"""Frames that wait: in order, bounded, and with nothing lost unnoticed."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gnntrack import FrameQueue, Tracker, TrackerPool
from gnntrack.errors import DataError
from gnntrack.tracking.pool import StreamCounts, StreamFullError
from tests.tracking.pool.scenes import PAN, frames

SIZE = {"width": 640, "height": 480}


@pytest.fixture
def pool():
    pool = TrackerPool.from_pretrained("default")
    pool.add("gate", **SIZE)
    pool.add("yard", **SIZE, lag=3)
    return pool


def alone(lag=0):
    return Tracker.from_pretrained("default", **SIZE, lag=lag)


def test_streams_by_turns_as_single_trackers(pool):
    queue, gate, yard = FrameQueue(pool), alone(), alone(3)
    for found in frames(0, 8):
        queue.put("gate", found)
    for found in frames(1, 4):
        queue.put("yard", found)
    done = list(queue.results(wait=False))
    assert [each.stream for each in done] == [*["gate", "yard"] * 4, *["gate"] * 4]
    for name, tracker, count, seed in (("gate", gate, 8, 0), ("yard", yard, 4, 1)):
        of = [each for each in done if each.stream == name]
        assert [each.number for each in of] == list(range(1, count + 1))
        assert [each.tracks.tobytes() for each in of] == [tracker.update(x).tobytes() for x in frames(seed, count)]
        assert not any(each.dropped or each.error for each in of)
    assert queue.track_next() is None
    assert queue.track_next(timeout=0.01) is None
    assert queue.counts("gate").tracked == 8


@pytest.mark.parametrize("camera", [None, PAN])
@pytest.mark.parametrize("name", ["gate", "yard"])
def test_dropped_frames_have_passed_without_detections(pool, name, camera):
    queue, tracker = FrameQueue(pool, 3, "drop_oldest"), alone(pool[name].lag)
    boxes, done = frames(0, 30), []
    for step, found in enumerate(boxes):
        queue.put(name, found, camera=camera, lost=name == "gate")
        if step in (3, 4, 20):
            done += [queue.track_next() for _ in range(min(4, len(queue._streams[name])))]
    assert queue.counts(name).waiting == 30 - len(done)
    done += queue.results(wait=False)
    assert [each.number for each in done] == list(range(1, 31))
    assert 5 < sum(each.dropped for each in done) < 25
    for found, each in zip(boxes, done, strict=True):
        expected = tracker.update([] if each.dropped else found, camera=camera, lost=name == "gate")
        assert each.tracks.tobytes() == expected.tobytes()
    counts, dropped = queue.counts(name), sum(each.dropped for each in done)
    assert (counts.tracked, counts.dropped, counts.waiting) == (30 - dropped, dropped, 0)


def test_frames_that_pass_take_no_memory(pool):
    queue = FrameQueue(pool, 2, "drop_oldest")
    for _ in range(100):
        queue.put("gate", [])
    waiting = queue._streams["gate"]
    assert (len(waiting), len(waiting._frames), len(waiting._passing)) == (100, 2, 1)


def test_a_full_queue_that_refuses(pool):
    queue, tracker, boxes = FrameQueue(pool, 2, "refuse"), alone(), frames(0, 5)
    assert [queue.put("gate", found) for found in boxes[:2]] == [1, 2]
    with pytest.raises(StreamFullError, match="2 frames of 'gate' wait; track faster, or let when_full be drop_oldest"):
        queue.put("gate", boxes[2])
    assert queue.put("yard", boxes[2]) == 1  # each has room of its own
    first = queue.track_next()
    assert queue.put("gate", boxes[2]) == 3  # the same again: nothing had changed
    rest = [first, *(each for each in queue.results(wait=False) if each.stream == "gate")]
    assert [each.tracks.tobytes() for each in rest] == [tracker.update(found).tobytes() for found in boxes[:3]]
    assert (queue.counts("gate").refused, queue.counts("gate").tracked, queue.counts("gate").dropped) == (1, 3, 0)


def test_a_full_queue_that_blocks(pool):
    queue, boxes = FrameQueue(pool, 2), frames(0, 30)
    with ThreadPoolExecutor(1) as thread:
        tracking = thread.submit(lambda: list(queue.results()))
        for found in boxes:
            queue.put("gate", found)
        queue.close()
        done = tracking.result()
    tracker = alone()
    assert [each.tracks.tobytes() for each in done] == [tracker.update(found).tobytes() for found in boxes]
    assert queue.counts("gate").dropped == 0


def test_nobody_tracks(pool):
    queue = FrameQueue(pool, 1, "block")
    queue.put("gate", [])
    with pytest.raises(StreamFullError, match="1 frames of 'gate' wait"):
        queue.put("gate", [], timeout=0.01)
    assert queue.counts("gate").refused == 1


def test_a_frame_that_cannot_be_used_has_passed(pool):
    queue, tracker, boxes = FrameQueue(pool, 12), alone(), frames(0, 12)
    for step, found in enumerate(boxes):
        queue.put("gate", found, np.ones((9, 4)) if step == 6 else None)
    for step, each in enumerate(queue.results(wait=False)):
        assert each.tracks.tobytes() == tracker.update([] if step == 6 else boxes[step]).tobytes()
        assert (each.error is not None) == (step == 6)
    assert (queue.counts("gate").tracked, queue.counts("gate").failed) == (11, 1)


def breaks_once(monkeypatch, tracker):
    """At its next frame, a tracker ends with an error that is none of input."""
    faults = [RuntimeError("out of\nmemory")]
    real = Tracker.update

    def update(self, *given, **more):
        if self is tracker and faults:
            raise faults.pop()
        return real(self, *given, **more)

    monkeypatch.setattr(Tracker, "update", update)


def test_a_fault_is_told_with_its_frame_and_stays_in_its_stream(pool, monkeypatch):
    queue = FrameQueue(pool)
    for boxes in frames(0, 3):
        queue.put("gate", boxes)
        queue.put("yard", boxes)
    first = queue.track_next()
    breaks_once(monkeypatch, pool["gate"])
    done = [first, *queue.results(wait=False)]
    assert [(each.stream, each.number) for each in done] == [(name, n) for n in (1, 2, 3) for name in ("gate", "yard")]
    (failed,) = [each for each in done if each.error is not None]
    assert (failed.stream, failed.number, failed.tracks) == ("gate", 2, None)
    assert str(failed.error) == "frame 2 of 'gate': RuntimeError: out of memory; its __cause__ has the traceback"
    assert isinstance(failed.error.__cause__, RuntimeError)
    counts = {name: queue.counts(name) for name in ("gate", "yard")}
    assert counts == {"gate": StreamCounts(tracked=2, failed=1), "yard": StreamCounts(tracked=3)}


def test_a_fault_of_a_stream_is_among_the_errors_of_a_pool(pool, monkeypatch):
    breaks_once(monkeypatch, pool["gate"])
    results = pool.update({"gate": [], "yard": []})
    assert list(results) == ["yard"]
    with pytest.raises(DataError, match=r"^a frame of 'gate': RuntimeError: out of memory; its __cause__ has"):
        results["gate"]
    assert list(pool.update({"gate": [], "yard": []})) == ["gate", "yard"]


def test_ctrl_c_ends_all(pool, monkeypatch):
    def update(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Tracker, "update", update)
    queue = FrameQueue(pool)
    queue.put("gate", [])
    with pytest.raises(KeyboardInterrupt):
        queue.track_next()


def test_frames_that_are_none_are_refused_at_once(pool):
    queue = FrameQueue(pool)
    with pytest.raises(DataError, match="detection 0 is not finite"):
        queue.put("gate", [[np.nan, 0, 1, 1]])
    with pytest.raises(DataError, match="no stream 'Gate'"):
        queue.put("Gate", [])
    assert queue.put("gate", []) == 1
    for waiting in (0, 1.5, "many"):
        with pytest.raises(DataError, match="waiting is"):
            FrameQueue(pool, waiting)


def test_what_is_put_is_a_copy(pool):
    queue, tracker, boxes = FrameQueue(pool), alone(), frames(0, 4)
    buffer = np.empty((4, 6))
    for found in boxes:
        buffer[: len(found)] = found
        queue.put("gate", buffer[: len(found)])
    done = list(queue.results(wait=False))
    assert [each.tracks.tobytes() for each in done] == [tracker.update(found).tobytes() for found in boxes]


def test_a_stream_that_is_removed_while_its_frames_wait(pool):
    queue = FrameQueue(pool, 2)
    queue.put("gate", [])
    queue.put("gate", [])
    queue.put("yard", [])
    with ThreadPoolExecutor(1) as thread:
        blocked = thread.submit(queue.put, "gate", [])
        pool.remove("gate")
        done = list(queue.results(wait=False))
        with pytest.raises(DataError, match="no stream 'gate'"):
            blocked.result()
    assert [(each.stream, each.number, each.error is None) for each in done] == [
        ("gate", 1, False),
        ("yard", 1, True),
        ("gate", 2, False),
    ]
    assert all(each.tracks is None for each in done if each.stream == "gate")
    assert "gate" not in queue._streams
    pool.add("gate")
    assert queue.put("gate", []) == 1


def test_frames_of_a_removed_stream_are_not_tracked_by_another_of_its_name(pool):
    queue, boxes = FrameQueue(pool, 2, "drop_oldest"), frames(0, 4)
    for found in boxes[:3]:
        queue.put("gate", found)
    pool.remove("gate")
    pool.add("gate", width=640, height=480)
    for found in boxes[2:]:
        queue.put("gate", found)
    done = list(queue.results(wait=False))
    assert [each.number for each in done] == [1, 2, 3, 4, 5]
    assert [each.tracks is None for each in done] == [True] * 3 + [False] * 2
    assert "was removed and added again" in str(done[2].error)
    tracker = Tracker.from_pretrained("default", width=640, height=480)
    assert [each.tracks.tobytes() for each in done[3:]] == [tracker.update(found).tobytes() for found in boxes[2:]]


@pytest.mark.parametrize("timeout", ["1", float("nan"), True])
def test_a_timeout_that_is_no_time(pool, timeout):
    """One that is no number would be waited for without an end."""
    queue = FrameQueue(pool, 1)
    queue.put("gate", [])
    for call in (queue.put, queue.track_next):
        with pytest.raises(DataError, match="timeout is"):
            call(*(("gate", []) if call == queue.put else ()), timeout=timeout)
    assert len(list(queue.results(wait=False))) == 1


def test_a_timeout_without_end(pool):
    queue = FrameQueue(pool, 1)
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(queue.track_next, timeout=float("inf"))
        queue.put("gate", [], timeout=float("inf"))
        assert waits.result().number == 1


def test_what_is_no_pool(pool):
    with pytest.raises(DataError, match="give a TrackerPool"):
        FrameQueue(pool["gate"])
    assert FrameQueue(pool).counts(["gate"]).waiting == 0


def test_a_closed_queue_gives_what_waits_and_takes_no_more(pool):
    queue = FrameQueue(pool, 1)
    queue.put("gate", [])
    with ThreadPoolExecutor(1) as thread:
        blocked = thread.submit(queue.put, "gate", [])
        queue.close()
        with pytest.raises(DataError, match="the queue was closed"):
            blocked.result()
    assert [each.number for each in queue.results()] == [1]
    assert queue.track_next(timeout=None) is None
    with pytest.raises(DataError, match="the queue was closed"):
        queue.put("gate", [])


def test_several_threads_keep_the_order_of_each_stream(pool):
    queue, boxes = FrameQueue(pool, 4), {name: frames(seed, 25) for seed, name in enumerate(pool)}
    found, lock = defaultdict(list), threading.Lock()

    def track():
        for each in queue.results():
            with lock:
                found[each.stream].append(each)

    def bring(name):
        for rows in boxes[name]:
            queue.put(name, rows)

    with ThreadPoolExecutor(5) as threads:
        tracking = [threads.submit(track) for _ in range(3)]
        for each in [threads.submit(bring, name) for name in boxes]:
            each.result()
        queue.close()
        for each in tracking:
            each.result()
    for name, rows in boxes.items():
        tracker = alone(pool[name].lag)
        of = {each.number: each.tracks.tobytes() for each in found[name]}
        assert sorted(of) == list(range(1, 26))
        assert [of[number] for number in sorted(of)] == [tracker.update(each).tobytes() for each in rows]
