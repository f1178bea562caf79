"""What is wrong with texts that people already have: one verdict a file, nothing changed."""

from archive.audit.findings import Audited, Finding, audit, audit_derived

__all__ = ["Audited", "Finding", "audit", "audit_derived"]
