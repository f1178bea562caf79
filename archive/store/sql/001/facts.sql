-- Facts: append-only. schema.py makes the triggers that enforce this from the keys below.

CREATE TABLE pages (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  surt TEXT NOT NULL,
  host TEXT NOT NULL
) STRICT;
CREATE INDEX pages_surt ON pages (surt);
CREATE INDEX pages_host ON pages (host);

CREATE TABLE site_facts (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('official', 'mirror', 'copy', 'archive', 'unknown')),
  place_code TEXT,
  containers_json TEXT NOT NULL CHECK (json_valid(containers_json))
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  arguments_json TEXT NOT NULL CHECK (json_valid(arguments_json)),
  software_json TEXT NOT NULL CHECK (json_valid(software_json)),
  started_at TEXT NOT NULL
) STRICT;

CREATE TABLE run_sites (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  toml TEXT NOT NULL,
  PRIMARY KEY (run_id, name)
) STRICT;

CREATE TABLE run_ends (
  run_id INTEGER PRIMARY KEY REFERENCES runs (id),
  ended_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  error TEXT,
  counts_json TEXT NOT NULL CHECK (json_valid(counts_json)),
  ledger_head TEXT
) STRICT;

CREATE TABLE dictionaries (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  stored BLOB NOT NULL
) STRICT;

CREATE TABLE payloads (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  payload_bytes INTEGER NOT NULL CHECK (payload_bytes >= 0),
  codec TEXT NOT NULL CHECK (codec IN ('raw', 'zlib', 'zstd', 'zstd-dictionary', 'zstd-reference', 'withdrawn', 'left-out')),
  dictionary_sha256 TEXT REFERENCES dictionaries (sha256),
  reference_sha256 TEXT REFERENCES payloads (sha256),
  stored_crc32 INTEGER,
  stored BLOB,
  CHECK ((codec = 'zstd-dictionary') = (dictionary_sha256 IS NOT NULL)),
  CHECK ((codec = 'zstd-reference') = (reference_sha256 IS NOT NULL)),
  CHECK ((codec IN ('withdrawn', 'left-out')) = (stored IS NULL)),
  CHECK ((stored IS NULL) = (stored_crc32 IS NULL))
) STRICT;

-- Certificates as a server sent them, its own first, as PEM; many captures have the same.
CREATE TABLE certificate_chains (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  pem TEXT NOT NULL
) STRICT;

-- response_head: status line and headers as they came, up to the empty line; bytes as Latin-1.
CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  page_id INTEGER NOT NULL REFERENCES pages (id),
  site_facts_id INTEGER REFERENCES site_facts (id),
  origin TEXT NOT NULL CHECK (origin IN ('live', 'file', 'warc', 'wayback', 'commoncrawl')),
  outcome TEXT NOT NULL CHECK (outcome <> ''),
  error TEXT,
  status INTEGER,
  method TEXT NOT NULL,
  captured_at TEXT,
  recorded_at TEXT NOT NULL,
  elapsed_ms INTEGER CHECK (elapsed_ms >= 0),
  ip TEXT,
  certificate_sha256 TEXT,
  certificate_chain_sha256 TEXT REFERENCES certificate_chains (sha256),
  content_type TEXT,
  etag TEXT,
  last_modified TEXT,
  payload_sha256 TEXT REFERENCES payloads (sha256),
  context_sha256 TEXT NOT NULL CHECK (length(context_sha256) = 64),
  revisit_of INTEGER REFERENCES captures (id),
  stored_as TEXT NOT NULL CHECK (stored_as IN ('decoded', 'wire')),
  wire_sha256 TEXT,
  wire_bytes INTEGER CHECK (wire_bytes >= 0),
  content_encoding TEXT,
  url_as_given TEXT,
  filename TEXT,
  member TEXT,
  container_sha256 TEXT,
  claims_json TEXT NOT NULL CHECK (json_valid(claims_json)),
  request_headers_json TEXT NOT NULL CHECK (json_valid(request_headers_json)),
  response_headers_json TEXT NOT NULL CHECK (json_valid(response_headers_json)),
  response_head TEXT,
  CHECK (outcome = 'ok' OR error IS NOT NULL OR status IS NOT NULL)
) STRICT;
CREATE INDEX captures_page ON captures (page_id, id);
CREATE INDEX captures_run ON captures (run_id, outcome);
CREATE INDEX captures_payload ON captures (payload_sha256, context_sha256);
CREATE INDEX captures_outcome ON captures (outcome);
-- all that tells the health of a site
CREATE INDEX captures_site ON captures (site_facts_id, outcome, page_id, recorded_at, revisit_of);
CREATE INDEX captures_gone ON captures (page_id) WHERE outcome = 'gone' OR status IN (404, 410);

CREATE TABLE redirects (
  capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
  page_id INTEGER NOT NULL REFERENCES pages (id)
) STRICT;
CREATE INDEX redirects_page ON redirects (page_id);

CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY,
  entry_json TEXT NOT NULL CHECK (json_valid(entry_json)),
  previous TEXT NOT NULL CHECK (length(previous) = 64),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
) STRICT;

-- What a time-stamping authority (RFC 3161) answered when it was given a ledger hash.
CREATE TABLE time_stamps (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  ledger_seq INTEGER NOT NULL REFERENCES ledger (seq),
  ledger_hash TEXT NOT NULL CHECK (length(ledger_hash) = 64),
  server TEXT NOT NULL,
  said_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  answer_base64 TEXT NOT NULL
) STRICT;

CREATE TABLE withdrawals (
  payload_sha256 TEXT PRIMARY KEY REFERENCES payloads (sha256),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  withdrawn_at TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> '')
) STRICT;

-- Dropped texts that newer ones had replaced.
CREATE TABLE pruned_texts (
  text_id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  payload_sha256 TEXT NOT NULL REFERENCES payloads (sha256),
  derivation_sha256 TEXT NOT NULL CHECK (length(derivation_sha256) = 64)
) STRICT;

CREATE TABLE withdrawn_texts (
  text_id INTEGER PRIMARY KEY,
  payload_sha256 TEXT NOT NULL REFERENCES withdrawals (payload_sha256)
) STRICT;
