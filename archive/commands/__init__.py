"""The commands that need no network, one module each; `archive.cli` puts them together."""
