"""Schema, the only writer, fixity, ledger, exports."""

from archive.store.archive import Archive
from archive.store.run import Run

__all__ = ["Archive", "Run"]
