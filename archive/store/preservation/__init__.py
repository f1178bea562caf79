"""The preservation export: everything in an archive as open formats, and an archive made of it."""
