"""Exports: one row for each work, in common formats, each with its codebook."""
