"""What an address is, and what of one may be shown."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from gnntrack import DataError
from gnntrack.remote import as_path, is_address, is_remote, without_secrets


@pytest.mark.parametrize(
    "address, written",
    [
        ("s3://bucket/videos", "s3://bucket/videos"),
        ("s3://bucket/videos/", "s3://bucket/videos"),
        ("S3://bucket", "s3://bucket/"),
        ("gs://bucket/a b", "gs://bucket/a b"),
        ("https://host:80/a/gt.txt?key=1", "https://host:80/a/gt.txt"),
        ("memory:///a", "memory://a"),
    ],
)
def test_an_address_is_a_path(address, written):
    path = as_path(address)
    assert str(path) == written
    assert is_remote(path) and as_path(path) is path
    assert pickle.loads(pickle.dumps(path)) == path
    with pytest.raises(TypeError):
        Path(path)  # nothing takes it for one of this machine


def test_a_path_of_this_machine_stays_what_it_is():
    for text in ("videos", "/a/s3:/b", "a::b", "C:/x", "s3:x", "~/videos", "./memory", "/s3:/a", " a"):
        assert as_path(text) == Path(text) and not is_address(text)


def test_what_lies_below_is_named_as_in_a_folder():
    path = as_path("s3://bucket/videos") / "street" / "gt/gt.txt"
    assert (path.name, path.stem, path.suffix, path.parent.name) == ("gt.txt", "gt", ".txt", "gt")
    assert path.with_name("det.txt").as_posix().endswith("street/gt/det.txt")
    assert path.relative_to(as_path("s3://bucket")).as_posix() == "videos/street/gt/gt.txt"


@pytest.mark.parametrize(
    "address, message",
    [
        ("ftp://host/a", "ftp://host/a: no scheme 'ftp'; known: s3, gs, https, http, memory"),
        ("file:///etc/passwd", "no scheme 'file'"),
        ("simplecache::s3://bucket/a", "an address within an address; give a plain one"),
        ("zip://a.txt::s3://bucket/a.zip", "no scheme 'zip'"),
        ("s3:///a", "names no bucket; give s3://BUCKET/FOLDER"),
        ("https://", "names no server"),
        ("memory://", "names no bucket"),
        ("s3://bucket/../other", "an address with empty parts, . or ..; write it out"),
        ("s3://bucket//a", "an address with empty parts"),
        ("s3://KEY:SECRET@bucket/a", "s3://bucket/a: credentials in an address; leave them out"),
        ("https://me:SECRET@host/a?X-Amz-Signature=SECRET", "https://host/a: credentials in an address"),
    ],
)
def test_what_is_no_address_that_is_read(address, message):
    with pytest.raises(DataError) as caught:
        as_path(address)
    assert message in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("text", ["s3:/bucket/a", "S3:/bucket", "memory:/a", " s3://bucket/a", Path("https://host/a")])
def test_what_is_nearly_an_address_is_no_folder_here(text):
    """Results would go to a folder of that name, and nobody would find them."""
    with pytest.raises(DataError, match="nearly an address; write s3://BUCKET/FOLDER"):
        as_path(text)


@pytest.mark.parametrize("address", ["https://[::1", "http://127.0.0.1:99999/x", "http://h:port/x", "http://a b/x"])
def test_no_server_can_have_such_a_name(address):
    with pytest.raises(DataError, match="names no server that can be; give https://HOST:PORT/PATH"):
        as_path(address)


def test_names_of_the_web_are_read_as_they_are_shown():
    path = as_path("https://host/a%20b.txt")
    assert (path.name, path.stem, path.suffix) == ("a b.txt", "a b", ".txt")
    assert (path.parent / "c#d").name == "c#d" and (path.parent / "c#d")._key == "https://host/c%23d"
    assert path.with_name("e%20f").name == "e%20f"


@pytest.mark.parametrize("name", ["/etc/passwd", "../other", "a/../../b", "s3://other/a", "https://host/a", "a\\b"])
def test_a_name_that_leads_out_of_an_address_is_refused(name):
    with pytest.raises(DataError, match="leads out of it; use plain names"):
        as_path("s3://bucket/videos") / name


def test_a_signature_in_an_address_is_used_but_not_shown():
    path = as_path("https://host/gt.txt?X-Amz-Signature=SECRET")
    assert path._key.endswith("?X-Amz-Signature=SECRET")
    assert "SECRET" not in f"{path} {path!r}"
    assert without_secrets("s3://bucket/what?") == "s3://bucket/what?"


def test_paths_of_this_machine_import_nothing_of_it():
    code = """
import sys, tempfile
from pathlib import Path
from gnntrack.files import write_text
from gnntrack.reading import read
folder = Path(tempfile.mkdtemp())
write_text(folder / "a.txt", "1,1,5,5,10,20,1\\n")
assert len(read(folder / "a.txt", "annotations")[0]) == 1
print([name for name in ("fsspec", "upath", "s3fs") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
