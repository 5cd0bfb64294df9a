"""What goes wrong elsewhere is one line with a remedy, and exit code 2."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

import boto3
import botocore.exceptions
import fsspec
import pytest

from gnntrack import DataError
from gnntrack.files import write_text
from gnntrack.models import load_weights
from gnntrack.reading import read
from gnntrack.remote import as_path
from gnntrack.remote_path import RemotePath
from gnntrack.training import RunOptions, train_stages
from gnntrack.training.adaptation import adapt
from tests.remote.conftest import objects, put, serving


@pytest.fixture
def fresh(s3_server, monkeypatch):
    """Connections are made anew: what a test changes of the environment counts, and goes with it."""
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    yield monkeypatch
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def refused(done):
    """The one line that a command ended with."""
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1 and done.err.startswith("error: "), done.err
    return done.err.removeprefix("error: ").strip()


VERBS = {
    "check": ["check", "{}"],
    "convert": ["convert", "{}", "-o", "out", "--to", "kitti"],
    "track": ["track", "{}", "-o", "out"],
    "eval": ["eval", "--gt", "{}", "--pred", "{}"],
    "output": ["convert", "data", "-o", "{}", "--to", "kitti"],
    "tracks": ["track", "data", "-o", "{}"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_bucket_that_is_not_there(gnntrack, root, s3_server, verb):
    line = refused(gnntrack(*[part.format("s3://no-such-bucket/data") for part in VERBS[verb]]))
    assert line.startswith("s3://no-such-bucket/data")
    assert line.endswith("no such bucket; check its name, or make it")
    assert not (root.parent / "out").exists()


def test_an_object_that_is_not_there(gnntrack, bucket, root):
    nothing = "s3://{}/nothing: no such file or folder; check the path".format(bucket.removeprefix("s3://"))
    assert refused(gnntrack("check", f"{bucket}/nothing")) == nothing
    with pytest.raises(DataError, match="no such object; check the address"):
        load_weights(f"{bucket}/w.safetensors")
    done = gnntrack("track", "data", "--weights", f"{bucket}/w.safetensors", "-o", "out")
    assert done.code == 2 and "w.safetensors" in done.err and done.err.count("\n") == 1


def test_a_scheme_that_is_not_read(gnntrack, root):
    line = "ftp://host/data: no scheme 'ftp'; known: s3, gs, https, http, memory"
    assert refused(gnntrack("check", "ftp://host/data")) == line
    assert refused(gnntrack("convert", "data", "-o", "ftp://host/data", "--to", "kitti")) == line
    assert not [path.name for path in root.parent.iterdir() if path.name.startswith("ftp")]


@pytest.mark.parametrize("scheme, package, extra", [("s3", "s3fs", "s3"), ("gs", "gcsfs", "gs")])
def test_an_extra_that_is_missing(gnntrack, monkeypatch, scheme, package, extra):
    from fsspec.registry import _registry

    monkeypatch.setitem(sys.modules, package, None)
    for name in ("s3", "s3a", "gs", "gcs"):
        monkeypatch.delitem(_registry, name, raising=False)
    line = refused(gnntrack("check", f"{scheme}://bucket/data"))
    needs = f"{scheme}:// needs {package}, which is not installed; pip install 'gnntrack[{extra}]'"
    assert line == f"{scheme}://bucket/data: {needs}"


def test_the_package_of_addresses_is_missing(gnntrack, monkeypatch):
    monkeypatch.setitem(sys.modules, "upath", None)
    monkeypatch.setitem(sys.modules, "upath.extensions", None)
    for name in ("gnntrack.remote_path", "gnntrack.pure_remote_path"):
        monkeypatch.delitem(sys.modules, name)
    line = refused(gnntrack("check", "s3://bucket/data"))
    assert line.startswith("s3://bucket/data: addresses need upath")
    assert line.endswith("pip install 'gnntrack[s3]'")


def test_no_credentials(gnntrack, fresh, tmp_path, root, bucket):
    for name in list(os.environ):
        if name.startswith("AWS_") and "ENDPOINT" not in name and "METADATA" not in name:
            fresh.delenv(name)
    fresh.setenv("HOME", str(tmp_path))
    line = refused(gnntrack("convert", "data", "-o", f"{bucket}/out", "--to", "kitti"))
    assert "no credentials, or they are not complete; check the credentials" in line


@pytest.mark.parametrize(
    "code, message",
    [
        ("AccessDenied", "permission denied"),
        ("InvalidAccessKeyId", "permission denied"),
        ("SignatureDoesNotMatch", "permission denied"),
        ("ExpiredToken", "permission denied"),
        ("SlowDown", "cannot read: "),
    ],
)
def test_what_a_bucket_answers(bucket, root, monkeypatch, code, message):
    """The server of the tests takes any key, so what others answer is raised where s3fs translates it."""
    from s3fs.errors import translate_boto_error

    put(root, f"{bucket}/data")
    answer = {"Error": {"Code": code, "Message": f"{code}?"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    error = translate_boto_error(botocore.exceptions.ClientError(answer, "ListObjectsV2"))

    def raising(*_, **__):
        raise error

    monkeypatch.setattr(fsspec.filesystem("s3"), "info", raising)
    with pytest.raises(DataError, match=message) as caught:
        read(f"{bucket}/data", "annotations")
    assert "\n" not in str(caught.value) and str(caught.value).startswith(f"{bucket}/data: ")


def test_a_server_that_is_not_there(gnntrack, fresh, root):
    fresh.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fresh.setenv("AWS_MAX_ATTEMPTS", "1")
    fresh.setattr(fsspec.get_filesystem_class("s3"), "retries", 1)
    for command in (["check", "s3://bucket/data"], ["convert", "data", "-o", "s3://bucket/out", "--to", "kitti"]):
        line = refused(gnntrack(*command))
        assert "cannot be reached" in line and line.endswith("check the address and the network")
    line = refused(gnntrack("check", "http://127.0.0.1:9/data"))
    assert line.startswith("http://127.0.0.1:9/data: cannot read: cannot be reached")


def test_a_web_server_is_only_read(gnntrack, root, web):
    line = f"{web}/out: web servers are only read; write to a folder, s3:// or gs://"
    assert refused(gnntrack("convert", "data", "-o", f"{web}/out", "--to", "kitti")) == line
    assert refused(gnntrack("track", "data", "-o", f"{web}/out")).endswith(
        "web servers are only read; write to a folder, s3:// or gs://"
    )


WRITTEN_HERE = {
    "train": ["train", "--dataset", "data", "--recipe", "mpn", "-o"],
    "adapt": ["adapt", "data", "-o"],
    "tune": ["tune", "data", "-o"],
    "demo": ["demo", "-o"],
    "plots": ["eval", "--gt", "data", "--pred", "data", "--plots"],
}


@pytest.mark.parametrize("address", ["s3://bucket/w.safetensors", "gs://bucket/run", "http://host/run", "memory://run"])
@pytest.mark.parametrize("verb", WRITTEN_HERE)
def test_what_is_written_here_refuses_an_address_first(gnntrack, root, verb, address, monkeypatch):
    """Nothing is asked of it, and nothing imported for it."""
    monkeypatch.setitem(sys.modules, "gnntrack.remote_path", None)
    line = refused(gnntrack(*WRITTEN_HERE[verb], address))
    assert line == f"{address}: this is not written to an address; name a place on this machine, and copy it afterwards"


def test_a_signature_is_not_shown_where_an_address_is_refused(gnntrack, root):
    line = refused(gnntrack(*WRITTEN_HERE["train"], "https://me:SECRET@host/run?X-Amz-Signature=SECRET"))
    assert line.startswith("https://host/run: this is not written to an address")


@pytest.mark.parametrize("make", [str, as_path], ids=["text", "path"])
@pytest.mark.parametrize("function", [train_stages, adapt])
def test_a_run_is_written_here(function, make):
    """Functions refuse it as soon: before the recipe, which is none, is looked at."""
    with pytest.raises(DataError, match=r"s3://bucket/run: this is not written to an address"):
        function([], None, make("s3://bucket/run"), RunOptions())


class _Answer(BaseHTTPRequestHandler):
    """Answers with a status, and with less than it promises."""

    status, promised, body = 200, None, b"1,1,5,5,10,20,1\n" * 100

    def do_HEAD(self):
        self.send_response(self.status)
        self.send_header("Content-Length", str(self.promised or len(self.body)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(self.body)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    "answer, message",
    [
        ({"status": 404}, "no such file or folder; check the path"),
        ({"status": 403}, "permission denied"),
        ({"status": 401}, "permission denied"),
        ({"status": 500}, "cannot read: "),
        ({"promised": 10**6}, "cannot read: the connection was lost"),
    ],
)
def test_what_a_web_server_answers(gnntrack, answer, message):
    handler = type("_Asked", (_Answer,), answer)
    with serving(handler) as address:
        line = refused(
            gnntrack("convert", f"{address}/gt.txt?Signature=SECRET", "-o", "out", "--to", "kitti", "--from", "mot")
        )
        assert line.startswith(f"{address}/gt.txt: ") and message in line
        assert "SECRET" not in line


def test_a_connection_that_is_lost_while_writing(root, bucket, monkeypatch):
    """What was there stays: an object is put as a whole or not at all."""
    write_text(as_path(f"{bucket}/a.txt"), "before")

    def lost(*_, **__):
        raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    monkeypatch.setattr(fsspec.filesystem("s3"), "put_file", lost)
    with pytest.raises(DataError, match=r"a.txt: cannot write: (the connection was lost|cannot be reached)"):
        write_text(as_path(f"{bucket}/a.txt"), "after")
    assert objects(f"{bucket}/a.txt") == {"": b"before"}


def test_a_disk_that_is_full_while_fetching(root, bucket, monkeypatch):
    put(root, f"{bucket}/data")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fsspec.filesystem("s3"), "get_file", full)
    with pytest.raises(DataError, match="No space left on device; this machine's disk, not the remote one"):
        read(f"{bucket}/data", "annotations")


def test_a_fault_of_the_program_is_not_hidden(bucket, monkeypatch):
    def fault(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(fsspec.filesystem("s3"), "info", fault)
    with pytest.raises(ZeroDivisionError):
        RemotePath(f"{bucket}/a").exists()


def test_tracks_are_not_written_below_an_object(gnntrack, root, place, weights):
    write_text(f"{place}/out", "an object")
    done = gnntrack("track", "data", "--weights", weights, "-o", f"{place}/out")
    assert done.code == 2 and f"{place}/out: is no folder; choose a folder as output" in done.err
    assert objects(place) == {"out": b"an object"}


def test_outputs_that_are_refused(gnntrack, root, bucket):
    put(root, f"{bucket}/data")
    boto3.client("s3").put_object(Bucket=bucket.removeprefix("s3://"), Key="file", Body=b"x")
    assert "is a whole bucket; name a folder" in refused(gnntrack("convert", "data", "-o", bucket, "--to", "kitti"))
    assert "is no folder" in refused(gnntrack("convert", "data", "-o", f"{bucket}/file", "--to", "kitti"))
    source = f"{bucket}/data"
    for output, message in ((source, "is or holds the input"), (f"{source}/A/out", "lies in the input")):
        assert message in refused(gnntrack("convert", source, "-o", output, "--to", "kitti"))


def test_memory_is_of_one_process(gnntrack, root, memory):
    put(root, f"{memory}/data")
    line = refused(gnntrack("check", f"{memory}/data", "--workers", "2"))
    assert line == f"{memory}/data: lies in the memory of one process; leave out --workers"


def test_in_a_process_of_its_own(s3_server, tmp_path):
    """No traceback, and nothing of asyncio's, comes at the end of a process."""
    command = [sys.executable, "-m", "gnntrack.cli", "check", "s3://no-such-bucket/data"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: s3://no-such-bucket/data: cannot read: no such bucket; check its name, or make it\n"
