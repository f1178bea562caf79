"""Schema, the only writer, fixity, ledger, exports."""
