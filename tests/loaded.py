"""Imported once by the process that the tests' commands are forked from."""

import crawler.cli  # noqa: F401
from archive.known import shipped

shipped()
