"""``--class`` of something that videos lack: told once, however many there are."""

from __future__ import annotations

import json

import pytest


def people(folder, *names, class_id=1, classes=True):
    """Sequences of one walker, who has this class."""
    for name in names:
        place = folder / name
        for kind, identity in (("det", -1), ("gt", 1)):
            (place / kind).mkdir(parents=True)
            rows = [f"{frame},{identity},{9 + frame},5,10,20,1,{class_id},1\n" for frame in range(1, 6)]
            (place / kind / f"{kind}.txt").write_text("".join(rows))
        info = f"[Sequence]\nname={name}\nseqLength=5\nframeRate=25\nimWidth=640\nimHeight=480\n"
        (place / "seqinfo.ini").write_text(info)
    return folder


@pytest.fixture
def many(tmp_path, weights):
    """A, B and C, of class 1, 1 and 3."""
    return people(people(tmp_path / "many", "A", "B"), "C", class_id=3)


def warnings_of(done):
    return [line for line in done.err.splitlines() if line.startswith("warning: ")]


COMMANDS = {
    "track": ["track", "many", "-o", "out", "--weights", "w.safetensors"],
    "convert": ["convert", "many", "-o", "out", "--to", "kitti"],
    "check": ["check", "many"],
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_no_video_has_the_class(gnntrack, many, verb):
    done = gnntrack(*COMMANDS[verb], "--class", "7")
    told = [line for line in (done.out + done.err).splitlines() if "no box of class" in line]
    assert len(told) == 1, told
    assert told[0].split(": ", 1)[1] == "no box of class '7' in 3 sequences (A, B, C); their boxes are of class 1, 3"


def test_some_have_it(gnntrack, many):
    done = gnntrack(*COMMANDS["track"], "--class", "3")
    assert warnings_of(done) == ["warning: no box of class '3' in 2 sequences (A, B); their boxes are of class 1"]
    assert done.out.splitlines()[2].endswith(" of 5 boxes")


def test_one_lacks_it(gnntrack, many):
    done = gnntrack(*COMMANDS["track"], "--class", "1")
    assert warnings_of(done) == ["warning: C: no box of class '1'; its boxes are of class 3"]


def test_many_are_counted(gnntrack, tmp_path):
    people(tmp_path / "many", *(f"{number:02}" for number in range(12)))
    (line,) = warnings_of(gnntrack(*COMMANDS["convert"], "--class", "7"))
    named = ", ".join(f"{number:02}" for number in range(8))
    assert line.startswith(f"warning: no box of class '7' in 12 sequences ({named} and 4 more); their boxes")


def test_it_is_told_before_the_error_that_it_leads_to(gnntrack, many):
    done = gnntrack("tune", "many", "-o", "tuned.safetensors", "--class", "7")
    lines = done.err.splitlines()
    assert done.code == 2 and lines[-1].startswith("error: ") and len(warnings_of(done)) == 1
    assert lines.index(warnings_of(done)[0]) < len(lines) - 1


@pytest.mark.parametrize("verb", ["track", "convert"])
def test_a_name_that_nothing_has(gnntrack, many, verb):
    done = gnntrack(*COMMANDS[verb], "--class", "horse")
    failed, error = done.err.splitlines()[-2:]
    assert done.code == 1
    assert failed == "failed: A, B, C: no class 'horse'; known: numbers alone, the files name no classes"
    assert error.startswith("error: 3 of 3 sequences failed; ")


def test_a_name_that_nothing_has_is_one_problem_of_check(gnntrack, many):
    done = gnntrack(*COMMANDS["check"], "--class", "horse")
    told = [line for line in done.out.splitlines() if "horse" in line]
    assert told == ["  A, B, C: no class 'horse'; known: numbers alone, the files name no classes"]
    assert done.code == 2


def test_a_report_has_it_once_too(gnntrack, many):
    report = json.loads(gnntrack(*COMMANDS["check"], "--class", "7", "--json").out)
    assert report["notices"] == ["no box of class '7' in 3 sequences (A, B, C); their boxes are of class 1, 3"]
