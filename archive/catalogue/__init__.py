"""What people ask of an archive: which reports it has, in what condition, and what is missing.

Pages, exports, panels, the API and the commands show what this room says, so that all of them give
one answer. The condition of a report is decided by `archive.collate.condition` and stored.
"""
