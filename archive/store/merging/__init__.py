"""Merges archives: what each shard holds, where it is here, and the proof that it is."""

from archive.store.merging.merging import Merged, merge

__all__ = ["Merged", "merge"]
