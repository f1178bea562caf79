-- Merged archives: where their rows are here, and their own ledgers. The first three tables are facts.

-- An archive that was merged; the hash of its first ledger entry distinguishes it from all others.
CREATE TABLE shards (
  id INTEGER PRIMARY KEY,
  first_hash TEXT NOT NULL UNIQUE CHECK (length(first_hash) = 64),
  name TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES runs (id)
) STRICT;

-- How far a transaction merged a shard. As this is in our ledger, so is the shard's up to here.
CREATE TABLE shard_heads (
  id INTEGER PRIMARY KEY,
  shard_id INTEGER NOT NULL REFERENCES shards (id),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  UNIQUE (shard_id, seq),
  FOREIGN KEY (shard_id, seq) REFERENCES shard_ledger (shard_id, seq)
) STRICT;

-- The time-stamps of a shard: they are about hashes of its own ledger.
CREATE TABLE shard_stamps (
  id INTEGER PRIMARY KEY,
  shard_id INTEGER NOT NULL REFERENCES shards (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  ledger_seq INTEGER NOT NULL,
  ledger_hash TEXT NOT NULL CHECK (length(ledger_hash) = 64),
  server TEXT NOT NULL,
  said_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  answer_base64 TEXT NOT NULL,
  FOREIGN KEY (shard_id, ledger_seq) REFERENCES shard_ledger (shard_id, seq)
) STRICT;

CREATE TABLE shard_ledger (
  shard_id INTEGER NOT NULL REFERENCES shards (id),
  seq INTEGER NOT NULL,
  entry_json TEXT NOT NULL CHECK (json_valid(entry_json)),
  previous TEXT NOT NULL CHECK (length(previous) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (shard_id, seq)
) STRICT;

-- The rows first to last of a shard's table are the rows from `ours` on here.
CREATE TABLE shard_rows (
  shard_id INTEGER NOT NULL REFERENCES shards (id),
  name TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  ours INTEGER NOT NULL,
  PRIMARY KEY (shard_id, name, first)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shard_rows_ours ON shard_rows (shard_id, name, ours);

-- What a shard's row says otherwise than the equal row here, such as when a text was made; `key` is
-- that of the shard's ledger. left_out: the row was not taken, and why.
CREATE TABLE shard_values (
  shard_id INTEGER NOT NULL REFERENCES shards (id),
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  values_json TEXT NOT NULL CHECK (json_valid(values_json)),
  PRIMARY KEY (shard_id, name, key)
) STRICT, WITHOUT ROWID;
