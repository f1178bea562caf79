-- Decisions of people are facts (append-only). Operations: everything below them is mutable.

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  decided_at TEXT NOT NULL,
  who TEXT NOT NULL,
  subject TEXT NOT NULL,
  field TEXT NOT NULL,
  value_json TEXT NOT NULL CHECK (json_valid(value_json)),
  why TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_subject ON decisions (subject, field);

CREATE TABLE frontier (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  site TEXT NOT NULL,
  host TEXT NOT NULL,
  request_json TEXT NOT NULL CHECK (json_valid(request_json)),
  depth INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'leased', 'done', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  due_at TEXT NOT NULL,
  lease_token TEXT,
  last_capture_id INTEGER REFERENCES captures (id),
  outcome TEXT,
  changed_at TEXT NOT NULL,
  CHECK ((state = 'leased') = (lease_token IS NOT NULL))
) STRICT;
CREATE INDEX frontier_ready ON frontier (site, host, due_at, id) WHERE state = 'pending';
CREATE INDEX frontier_leased ON frontier (site, host) WHERE state = 'leased';
CREATE INDEX frontier_site ON frontier (site, state);
CREATE INDEX frontier_capture ON frontier (last_capture_id);

CREATE TABLE leases (
  host TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  holder TEXT NOT NULL,
  acquired_at TEXT NOT NULL,
  heartbeat_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  run_id INTEGER REFERENCES runs (id),
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  resolved_at TEXT,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE fixity_checks (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  checked INTEGER NOT NULL,
  ok INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  not_checkable INTEGER NOT NULL,
  checked_at TEXT NOT NULL,
  UNIQUE (run_id, name)
) STRICT;

CREATE TABLE fixity_findings (
  id INTEGER PRIMARY KEY,
  check_id INTEGER NOT NULL REFERENCES fixity_checks (id),
  result TEXT NOT NULL CHECK (result IN ('failed', 'not checkable')),
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE writers (
  token TEXT PRIMARY KEY,
  process INTEGER NOT NULL,
  machine TEXT NOT NULL,
  doing TEXT NOT NULL,
  since TEXT NOT NULL
) STRICT;

CREATE TABLE copy (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  kind TEXT NOT NULL CHECK (kind IN ('public')),
  made_at TEXT NOT NULL,
  ledger_head TEXT
) STRICT;

-- How many rows each table has that may change, and the sum of their digests (store/sums.py).
CREATE TABLE row_sums (
  name TEXT PRIMARY KEY,
  rows INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages of the rules in baogao.toml, kept as they are sent, so that one that was not acknowledged
-- is sent again with the same words and the same number.
CREATE TABLE alert_messages (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  rule TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
  made_at TEXT NOT NULL,
  events_json TEXT NOT NULL CHECK (json_valid(events_json)),
  holder TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  sent_at TEXT,
  error TEXT
) STRICT;
CREATE INDEX alert_messages_unsent ON alert_messages (rule) WHERE sent_at IS NULL;

-- The events that a rule has taken into its messages, and those from before the rule.
CREATE TABLE alert_events (
  rule TEXT NOT NULL,
  event TEXT NOT NULL,
  noted_at TEXT NOT NULL,
  PRIMARY KEY (rule, event)
) STRICT, WITHOUT ROWID;
