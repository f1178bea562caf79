"""The storage layer: schema, the only writer, fixity, ledger, WARC."""

from archive.store.archive import Archive
from archive.store.run import Run

__all__ = ["Archive", "Run"]
