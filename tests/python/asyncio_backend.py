"""A pytest plugin: anyio's tests run on asyncio alone, where a project says nothing else."""

import pytest


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"
