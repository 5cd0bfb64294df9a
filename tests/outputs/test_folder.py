"""Output folders appear as a whole and replace nothing but what an earlier run wrote."""

from __future__ import annotations

import ast
import contextlib
import json
import os
from pathlib import Path

import pytest

import gnntrack
from gnntrack.errors import DataError, DataWarning
from gnntrack.files import write_text
from gnntrack.outputs import MANIFEST, folder, output_folder, read_manifest, replacing
from gnntrack.outputs.manifest import digest


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in that is neither the working folder nor a home."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def write(target, files, **options):
    with output_folder(target, "convert", **options) as output:
        for name, text in files.items():
            write_text(output.path / name, text)


def content(top):
    return {str(path.relative_to(top)): path.read_text() for path in sorted(top.rglob("*")) if path.is_file()}


def names(top):
    return sorted(content(top))


def test_the_manifest_names_every_file(place):
    (place / "in").mkdir()
    write(place / "out", {"a.txt": "one", "deep/b.txt": "two"}, source=place / "in", settings={"to": "mot"})
    manifest = json.loads((place / "out" / MANIFEST).read_text())
    assert manifest["verb"] == "convert"
    assert manifest["source"] == "../in"
    assert manifest["settings"] == {"to": "mot"}
    assert manifest["gnntrack"] == gnntrack.__version__
    assert manifest["complete"] is True
    assert [(entry["name"], entry["size"], entry["sha256"]) for entry in manifest["files"]] == [
        ("a.txt", *digest(place / "out" / "a.txt")),
        ("deep/b.txt", *digest(place / "out" / "deep" / "b.txt")),
    ]
    assert sorted(path.name for path in place.iterdir()) == ["in", "out"]


def test_an_earlier_output_is_replaced_only_when_told(place):
    write(place / "out", {"a.txt": "one", "deep/b.txt": "two"})
    with pytest.raises(DataError, match="out: output exists; pass --overwrite or choose another"):
        write(place / "out", {"c.txt": "three"})
    assert names(place / "out") == ["a.txt", "deep/b.txt", MANIFEST]
    write(place / "out", {"c.txt": "three"}, overwrite=True)
    assert names(place / "out") == ["c.txt", MANIFEST]
    assert [path.name for path in place.iterdir()] == ["out"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["thesis.tex", "deep/thesis.tex", ".hidden", "a.txt.gnntrack.partial", "empty/"])
def test_what_no_manifest_names_is_named_and_kept(place, name, overwrite):
    write(place / "out", {"a.txt": "one", "deep/b.txt": "two"})
    if name.endswith("/"):
        (place / "out" / name).mkdir()
    else:
        (place / "out" / name).write_text("mine")
    before = content(place / "out")
    with pytest.raises(DataError, match=name.strip("/")) as caught:
        write(place / "out", {"c.txt": "three"}, overwrite=overwrite)
    assert str(caught.value).endswith("which no earlier run wrote; move it away or choose another output")
    assert content(place / "out") == before


@pytest.mark.parametrize("change", ["text", "link", "folder"])
def test_a_file_that_was_changed_is_named_and_kept(place, change):
    write(place / "out", {"a.txt": "one"})
    path = place / "out" / "a.txt"
    if change == "text":
        path.write_text("owe")
    else:
        path.unlink()
        (place / "mine.txt").write_text("one")
        path.symlink_to(place / "mine.txt") if change == "link" else path.mkdir()
    with pytest.raises(DataError, match=r"out: holds .*a\.txt, which"):
        write(place / "out", {"a.txt": "two"}, overwrite=True)
    assert os.path.lexists(path)


@pytest.mark.parametrize(
    "manifest",
    ["", "{}", "[]", '{"format": "gnntrack-manifest", "verb": "x", "files": [{"name": "../mine.txt"}]}', "[" * 10**5],
)
def test_a_manifest_that_cannot_be_believed_permits_nothing(place, manifest):
    (place / "out").mkdir()
    (place / "out" / MANIFEST).write_text(manifest)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="which no earlier run wrote"):
        write(place / "out", {"a.txt": "one"}, overwrite=True)
    assert (place / "mine.txt").read_text() == "mine"


def test_files_that_are_gone_are_no_obstacle(place):
    write(place / "out", {"a.txt": "one", "b.txt": "two"})
    (place / "out" / "a.txt").unlink()
    write(place / "out", {"b.txt": "three"}, overwrite=True)
    assert names(place / "out") == ["b.txt", MANIFEST]


@pytest.mark.parametrize("error", [DataError("bad row"), OSError(28, "No space left on device"), RuntimeError("x")])
def test_after_an_error_nothing_is_left_and_the_earlier_output_stays(place, error):
    write(place / "out", {"a.txt": "one"})
    before = content(place)
    for target in (place / "out", place / "new" / "deep" / "out"):
        with pytest.raises((DataError, RuntimeError)), output_folder(target, "convert", overwrite=True) as output:
            write_text(output.path / "b.txt", "half")
            raise error
    assert content(place) == before
    assert [path.name for path in place.iterdir()] == ["out"]


class Killed(BaseException):
    """A process that ends here and now: nothing that follows is done."""


@pytest.mark.parametrize("steps", range(9))
def test_killed_while_it_deletes_the_earlier_output(place, monkeypatch, steps):
    """After any number of deletions the output is the new one, and the next run clears the rest away."""
    left = [steps]

    def until_killed(delete):
        def call(self, *arguments, **options):
            if left[0] == 0 and ".gnntrack.partial" in str(self):
                raise Killed
            left[0] -= ".gnntrack.partial" in str(self)
            return delete(self, *arguments, **options)

        return call

    write(place / "out", {"a/b.txt": "one", "c/d/e.txt": "two"})
    exchange = replacing._exchange

    def then_killed(one, other):
        monkeypatch.setattr(Path, "unlink", until_killed(Path.unlink))
        monkeypatch.setattr(Path, "rmdir", until_killed(Path.rmdir))
        return exchange(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(replacing, "_exchange", then_killed)
        patch.setattr(folder, "discard", lambda _: None)
        with contextlib.suppress(Killed):
            write(place / "out", {"f.txt": "three"}, overwrite=True)
    monkeypatch.undo()
    assert names(place / "out") == ["f.txt", MANIFEST]
    write(place / "out", {"g.txt": "four"}, overwrite=True)
    assert names(place / "out") == ["g.txt", MANIFEST]
    assert [path.name for path in place.iterdir()] == ["out"]


def test_the_manifest_of_an_unfinished_output_is_deleted_last(place, monkeypatch):
    partial = place / ".out.gnntrack.partial"
    (partial / "zoo").mkdir(parents=True)
    for name in ("a.txt", "zoo/b.txt", MANIFEST):
        (partial / name).write_text("x")
    gone = []
    monkeypatch.setattr(Path, "unlink", lambda self, **_: gone.append(self.name))
    monkeypatch.setattr(replacing.shutil, "rmtree", lambda path: gone.append(path.name))
    replacing.empty(partial)
    assert sorted(gone) == sorted(["a.txt", "zoo", MANIFEST])
    assert gone[-1] == MANIFEST


def test_errors_name_the_output_not_where_it_is_written_meanwhile(place):
    with (
        pytest.raises(DataError, match=r"^\S+/place/out/deep/b\.txt:3: bad row$"),
        output_folder(place / "out", "x") as output,
    ):
        raise DataError("bad row", path=output.path / "deep" / "b.txt", line=3)


def test_files_deleted_midway_are_not_vouched_for(place):
    write(place / "out", {"a.txt": "one"})
    with (
        pytest.raises(DataError, match=r"out: b\.txt was deleted or changed while it was written; run it again"),
        output_folder(place / "out", "convert", overwrite=True) as output,
    ):
        write_text(output.path / "b.txt", "two")
        (output.path / "b.txt").unlink()
    assert names(place / "out") == ["a.txt", MANIFEST]


def test_a_file_that_came_midway_stays(place):
    write(place / "out", {"a.txt": "one"})
    with (
        pytest.raises(DataError, match="changed while its successor was written"),
        output_folder(place / "out", "convert", overwrite=True) as output,
    ):
        write_text(output.path / "b.txt", "two")
        (place / "out" / "thesis.tex").write_text("mine")
    assert names(place / "out") == ["a.txt", MANIFEST, "thesis.tex"]


def test_a_link_to_a_folder_stays_a_link(place):
    (place / "far").mkdir()
    (place / "out").symlink_to(place / "far")
    write(place / "out", {"a.txt": "one"})
    write(place / "out", {"b.txt": "two"}, overwrite=True)
    assert (place / "out").is_symlink()
    assert names(place / "far") == ["b.txt", MANIFEST]


def test_what_a_killed_run_left_is_cleared_away_by_the_next(place):
    partial = place / ".out.gnntrack.partial"
    partial.mkdir()
    (partial / f".{MANIFEST}.gnntrack.partial").write_text("{")
    write(place / "out", {"a.txt": "one"})
    partial.mkdir()
    (partial / MANIFEST).write_text(json.dumps({"verb": "convert"}))
    (partial / "half").write_text("ha")
    write(place / "out", {"b.txt": "two"}, overwrite=True)
    assert [path.name for path in place.iterdir()] == ["out"]
    assert names(place / "out") == ["b.txt", MANIFEST]


def test_what_only_looks_left_over_is_refused(place):
    partial = place / ".out.gnntrack.partial"
    partial.mkdir()
    (partial / "thesis.tex").write_text("mine")
    with pytest.raises(DataError, match=r"partial: holds thesis\.tex, which no earlier run wrote; move it away"):
        write(place / "out", {"a.txt": "one"})
    assert (partial / "thesis.tex").read_text() == "mine"


def test_without_a_swap_the_system_renames_twice(place, monkeypatch):
    """Between the two renames the output is missing: the next run puts the earlier one back."""
    write(place / "out", {"a.txt": "one"})
    monkeypatch.setattr(replacing, "_exchange", lambda *_: False)
    write(place / "out", {"b.txt": "two"}, overwrite=True)
    assert names(place / "out") == ["b.txt", MANIFEST]
    assert [path.name for path in place.iterdir()] == ["out"]
    (place / "out").rename(place / ".out.gnntrack.old")
    with pytest.raises(DataError, match="output exists"):
        write(place / "out", {"c.txt": "three"})
    assert names(place / "out") == ["b.txt", MANIFEST]
    assert [path.name for path in place.iterdir()] == ["out"]


def test_an_output_is_updated_where_that_is_allowed(place):
    write(place / "out", {"a.txt": "one"})
    write(place / "out", {"a.txt": "two"}, updates=lambda manifest: manifest.verb == "convert")
    with pytest.raises(DataError, match="output exists"):
        write(place / "out", {"a.txt": "three"}, updates=lambda manifest: manifest.verb == "synth")
    assert (place / "out" / "a.txt").read_text() == "two"


def test_interrupted_work_is_found_again(place):
    with pytest.raises(KeyboardInterrupt), output_folder(place / "out", "convert", updates=lambda _: True) as output:
        write_text(output.path / "a.txt", "done")
        write_text(output.path / "old.txt", "no longer needed")
        raise KeyboardInterrupt
    assert not (place / "out").exists()
    with output_folder(place / "out", "convert", updates=lambda _: True) as output:
        assert (output.path / "a.txt").read_text() == "done"
        output.files["a.txt"] = digest(output.path / "a.txt")
    assert names(place / "out") == ["a.txt", MANIFEST]
    assert read_manifest(place / "out").complete


def test_files_that_come_while_the_output_is_swapped_are_left_there(place, monkeypatch):
    write(place / "out", {"a.txt": "one"})
    exchange = replacing._exchange

    def late(one, other):
        (other / "thesis.tex").write_text("mine")
        return exchange(one, other)

    monkeypatch.setattr(replacing, "_exchange", late)
    with pytest.warns(DataWarning, match="holds files that came while the output was replaced"):
        write(place / "out", {"b.txt": "two"}, overwrite=True)
    assert (place / ".out.gnntrack.partial" / "thesis.tex").read_text() == "mine"


def test_folders_are_deleted_whole_only_where_we_made_them():
    """``rmtree`` stands in one module alone, and is given nothing but the folder that this module writes in."""
    calls = {}
    for path in Path(gnntrack.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("rmtree", "removedirs"):
                calls.setdefault(path.name, []).append(node.attr)
    assert calls == {"replacing.py": ["rmtree"]}
    for delete in (replacing.discard, replacing.empty):
        with pytest.raises(AssertionError):
            delete(Path("anything"))


def test_a_replaced_output_that_holds_something_foreign_is_left_alone(place):
    """What lies where a killed run would have left the earlier output may be somebody else's, or lie."""
    write(place / "out", {"a.txt": "new"})
    kept = place / "kept"
    kept.mkdir()
    (kept / "x").write_text("mine")
    old = place / ".out.gnntrack.old"
    write(old, {"l/x": "mine"})
    (old / "l" / "x").unlink()
    (old / "l").rmdir()
    (old / "l").symlink_to(kept)
    with pytest.raises(DataError, match="holds l, which no earlier run wrote"):
        write(place / "out", {"a.txt": "newer"}, overwrite=True)
    assert content(kept) == {"x": "mine"}
    assert content(place / "out")["a.txt"] == "new"
