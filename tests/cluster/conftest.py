"""A real PostgreSQL for the tests of the cluster; where there is none, they are skipped."""

from __future__ import annotations

from itertools import count

import pytest

from baogao_practice.postgres import AbsentError, PostgreSQL

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres():
    """A server of its own."""
    try:
        server = PostgreSQL()
    except AbsentError as absent:
        pytest.skip(str(absent))
    with server:
        yield server


@pytest.fixture
def dsn(postgres):
    """An empty database."""
    name = f"test_{next(_NUMBERS)}"
    postgres.sql(f"CREATE DATABASE {name}")
    return postgres.dsn_of(name)
