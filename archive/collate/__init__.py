"""Decides which texts belong to one work."""
