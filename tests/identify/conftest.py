"""A text in, its identity out: read and cleaned as the archive does it."""

from __future__ import annotations

import pytest

from archive.clean import clean
from archive.identify import identify
from archive.known import shipped
from archive.model import Capture
from archive.read import read


@pytest.fixture(scope="session")
def identity_of():
    """identity_of(text or bytes, url=…, filename=…) → {field: Value or None}."""

    def identity(body, **context):
        payload = body.encode() if isinstance(body, str) else body
        capture = Capture.from_bytes(payload, **context)
        page = read(capture, shipped())
        return identify(page, clean(page, shipped()), capture, shipped())

    return identity


@pytest.fixture(scope="session")
def values_of(identity_of):
    """The values alone, None where a field is unknown."""

    def values(body, **context):
        found = identity_of(body, **context)
        return {name: value and value.value for name, value in found.items()}

    return values
