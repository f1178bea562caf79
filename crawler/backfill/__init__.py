"""Backfill from the network: lists of URLs, list pages of a site, and web archives.

Every URL becomes a row of the durable frontier. A run that was stopped continues when it is started
again, and a finished run requests nothing twice.
"""
