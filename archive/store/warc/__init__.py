"""WARC (ISO 28500): exports captures as files that every web archive can read, and imports them."""
