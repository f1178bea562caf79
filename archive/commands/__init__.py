"""Commands that work without network, one module each; `archive.cli` combines them."""
