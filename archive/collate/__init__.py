"""Which texts belong to one work."""
