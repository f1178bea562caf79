"""Checks texts that people already have: one verdict for each file, nothing is changed."""

from archive.audit.findings import Audited, TextFinding, audit, audit_derived

__all__ = ["Audited", "TextFinding", "audit", "audit_derived"]
