"""Stores reports: how they look, how they are cleaned, and where each word came from.

Public names are loaded on first use, so that importing `archive` is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.lazily import names_of

if TYPE_CHECKING:
    from archive.derivation import derive
    from archive.errors import (
        BaogaoError,
        DamagedFileError,
        DataFileError,
        StorageError,
        UsageError,
    )
    from archive.intake import may_hold_members, open_package
    from archive.known.attachments import document_endings
    from archive.model import Capture, Derivation, SiteFacts
    from archive.ocr_queue import read_pictures
    from archive.read.media import sniff
    from archive.store import Archive
    from archive.store.alerts import Outbox, StoredMessage
    from archive.store.fetched import Fetched
    from archive.store.functions import register_functions
    from archive.store.metrics import Sample, exposition
    from archive.store.stamps import UnfinishedProof
    from archive.store.warc.one import open_record

_HOMES = {
    "Archive": "archive.store",
    "Outbox": "archive.store.alerts",
    "StoredMessage": "archive.store.alerts",
    "BaogaoError": "archive.errors",
    "Capture": "archive.model",
    "DamagedFileError": "archive.errors",
    "DataFileError": "archive.errors",
    "Fetched": "archive.store.fetched",
    "Derivation": "archive.model",
    "Sample": "archive.store.metrics",
    "SiteFacts": "archive.model",
    "StorageError": "archive.errors",
    "UnfinishedProof": "archive.store.stamps",
    "UsageError": "archive.errors",
    "derive": "archive.derivation",
    "document_endings": "archive.known.attachments",
    "exposition": "archive.store.metrics",
    "may_hold_members": "archive.intake",
    "open_package": "archive.intake",
    "open_record": "archive.store.warc.one",
    "read_pictures": "archive.ocr_queue",
    "register_functions": "archive.store.functions",
    "sniff": "archive.read.media",
}

__all__ = [
    "Archive",
    "BaogaoError",
    "Capture",
    "DamagedFileError",
    "DataFileError",
    "Derivation",
    "Fetched",
    "Outbox",
    "Sample",
    "SiteFacts",
    "StorageError",
    "StoredMessage",
    "UnfinishedProof",
    "UsageError",
    "derive",
    "document_endings",
    "exposition",
    "may_hold_members",
    "open_package",
    "open_record",
    "read_pictures",
    "register_functions",
    "sniff",
]


__getattr__ = names_of(__name__, _HOMES)
