"""Backfill from the network: lists of addresses, lists of a site, web archives.

Everything goes through the crawler: every address is a row of the durable frontier, so that a run
that was stopped goes on when it is started again, and one that was finished asks nothing twice.
"""
