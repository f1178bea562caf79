"""What is wrong with texts that people already have: one verdict a file, nothing changed."""

from archive.audit.findings import Audited, TextFinding, audit, audit_derived

__all__ = ["Audited", "TextFinding", "audit", "audit_derived"]
