"""A cluster inside the test process: a scheduler and a worker, threads, a real address."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(scope="session")
def scheduler():
    """The address of its scheduler."""
    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            protocol="tcp",
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=60,
        )
    with cluster:
        yield cluster.scheduler_address
