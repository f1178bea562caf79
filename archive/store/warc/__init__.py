"""WARC (ISO 28500): the archive's captures as files that every web archive can read, and back."""
