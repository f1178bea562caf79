"""Answers questions about an archive: its reports, their condition, and what is missing.

Pages, exports, panels, the API and the commands all use this package, so that they give the same
answer. The condition of a report is decided by `archive.collate.condition` and stored.
"""
