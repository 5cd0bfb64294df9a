"""An S3-compatible server on the loopback address, a bucket of its own for each test, and memory."""

from __future__ import annotations

import itertools
import os

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

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
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    before = dict(os.environ)
    os.environ.update(_ENVIRONMENT, AWS_ENDPOINT_URL=address)
    yield address
    os.environ.clear()
    os.environ.update(before)
    server.stop()


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


@pytest.fixture(params=["s3", "memory"])
def place(request):
    """An empty place of each kind that can be written here."""
    return request.getfixturevalue("bucket" if request.param == "s3" else "memory")
