"""Crawls, merges and derives on several machines: jobs in PostgreSQL, run by workers.

The queue is PgQueuer's (extra `baogao[cluster]`). A worker runs each job as a child process: the
same crawl as `baogao crawl`, into an archive of its own, a shard. The fence sees to what the queue
cannot promise: a host is requested by one crawl at a time. No other room imports this one, except
the commands.
"""
