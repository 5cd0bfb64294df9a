"""An S3-compatible server on the loopback address, a bucket of its own for each test, and memory."""

from __future__ import annotations

import itertools
import logging
import os
import re
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from tests.cli.conftest import association, gnntrack, root, street, weights  # noqa: F401 (fixtures)

_NUMBERS = itertools.count()
#: What fsspec's packages read; the server takes any key.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "*",
}


@pytest.fixture(scope="session")
def s3_server():
    """The address of the server, which botocore finds in the environment as it finds keys."""
    logging.getLogger("werkzeug").addHandler(_LOG)
    logging.getLogger("werkzeug").propagate = False
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    before = dict(os.environ)
    os.environ.update(_ENVIRONMENT, AWS_ENDPOINT_URL=address)
    yield address
    os.environ.clear()
    os.environ.update(before)
    server.stop()


class _Requests(logging.Handler):
    """Keeps the lines of the server's log."""

    def __init__(self):
        super().__init__()
        self.made = []

    def emit(self, record):
        found = re.search(r'"(?:\x1b\[[0-9;]*m)*([A-Z]+ \S+) HTTP', record.getMessage())
        if found:
            self.made.append(found[1])


_LOG = _Requests()


@pytest.fixture
def requests_made(s3_server):
    """What the server was asked, such as ``GET /bucket/key``."""
    return _LOG.made


@pytest.fixture
def bucket(s3_server):
    """The address of an empty bucket."""
    name = f"bucket-{next(_NUMBERS)}"
    boto3.client("s3", endpoint_url=s3_server).create_bucket(Bucket=name)
    return f"s3://{name}"


@pytest.fixture
def memory():
    """The address of an empty folder in memory."""
    yield "memory://here"
    fsspec.filesystem("memory").store.clear()
    fsspec.filesystem("memory").pseudo_dirs[:] = [""]


@pytest.fixture(params=["s3", "memory"])
def place(request):
    """An empty place of each kind that can be written here."""
    return request.getfixturevalue("bucket" if request.param == "s3" else "memory")


def put(folder, address):
    """Copies a folder of this machine to an address."""
    filesystem, key = fsspec.url_to_fs(address)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            filesystem.pipe_file(f"{key}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    filesystem.invalidate_cache()


def objects(address):
    """Every object below an address with its bytes."""
    filesystem, key = fsspec.url_to_fs(address)
    filesystem.invalidate_cache()
    return {name.removeprefix(key).strip("/"): filesystem.cat_file(name) for name in filesystem.find(key)}


def files(folder):
    """Every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_):
        pass


@contextmanager
def serving(handler):
    """The address of a web server on the loopback address, in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def web(tmp_path):
    """The address of a web server that shows the test's folder."""
    with serving(partial(_Quiet, directory=str(tmp_path))) as address:
        yield address
