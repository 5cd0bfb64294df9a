"""Folders written in place: claimed first, vouched for at the end."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataError
from gnntrack.outputs import MANIFEST, check_claim, claim_more, claimed_folder, read_manifest, vouch
from gnntrack.outputs.manifest import digest


def claim(*arguments, **options):
    with claimed_folder(*arguments, **options):
        pass


@pytest.fixture
def run(tmp_path):
    """A folder with two files, claimed and vouched for."""
    claim(tmp_path / "run", "train", ["a", "b"])
    (tmp_path / "run" / "a").write_text("one")
    (tmp_path / "run" / "b").write_text("two")
    vouch(tmp_path / "run", ["a", "b"])
    return tmp_path / "run"


def test_the_manifest_vouches_for_what_is_there(run):
    manifest = read_manifest(run)
    assert (manifest.verb, manifest.complete) == ("train", True)
    assert [(entry.name, entry.size, entry.sha256) for entry in manifest.files] == [
        (name, *digest(run / name)) for name in ("a", "b")
    ]


def test_a_deleted_file_is_not_vouched_for(tmp_path):
    claim(tmp_path / "run", "train", ["a", "b"])
    (tmp_path / "run" / "a").write_text("one")
    with pytest.raises(DataError, match="run: files were deleted while the folder was written; run it again"):
        vouch(tmp_path / "run", ["a", "b"])
    assert not read_manifest(tmp_path / "run").complete


def test_an_earlier_run_is_refused_or_replaced(run):
    with pytest.raises(DataError, match="run: output exists; pass --overwrite or choose another"):
        check_claim(run)
    claim(run, "train", ["a", "c"], overwrite=True)
    assert sorted(path.name for path in run.iterdir()) == ["a", MANIFEST]
    with pytest.raises(DataError, match="output exists; pass --resume to go on, --overwrite to start again"):
        check_claim(run)


def test_a_run_that_was_killed_before_its_first_file_starts_again(tmp_path):
    claim(tmp_path / "run", "train", ["a"])
    claim(tmp_path / "run", "train", ["a"])
    assert not read_manifest(tmp_path / "run").complete


def test_foreign_and_changed_files_are_named_and_kept(run):
    (run / "notes.md").write_text("mine")
    with pytest.raises(DataError, match=r"holds notes\.md, which no earlier run wrote; move it away"):
        claim(run, "train", ["a"], overwrite=True)
    (run / "notes.md").unlink()
    (run / "a").write_text("my own")
    with pytest.raises(DataError, match="holds a, which was changed since it was written"):
        claim(run, "train", ["a"], overwrite=True)
    assert (run / "a").read_text() == "my own"


def test_more_may_be_claimed(run):
    claim_more(run, ["c"])
    (run / "c").write_text("three")
    vouch(run, ["c"])
    assert [entry.name for entry in read_manifest(run).files] == ["a", "b", "c"]


def test_a_run_that_fails_before_its_first_file_leaves_nothing(tmp_path):
    with pytest.raises(DataError), claimed_folder(tmp_path / "deep" / "run", "train", ["a"]):
        raise DataError("a full disk")
    assert not list(tmp_path.iterdir())
    with pytest.raises(DataError), claimed_folder(tmp_path / "run", "train", ["a"]):
        (tmp_path / "run" / "a").write_text("one")
        raise DataError("a full disk")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["a", MANIFEST]
