-- Derived: the results of the stages. Old and new results are kept together; one ruleset is current.

CREATE TABLE rulesets (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  libraries_json TEXT NOT NULL CHECK (json_valid(libraries_json)),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE current_ruleset (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id)
) STRICT;

CREATE TABLE rules (
  id INTEGER PRIMARY KEY,
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  family TEXT NOT NULL,
  why TEXT NOT NULL,
  example TEXT NOT NULL,
  UNIQUE (ruleset_id, name)
) STRICT;

-- Each visible text once, as UTF-8, compressed with zlib if that is shorter. `bytes` is the unpacked
-- size, so that sqlar_uncompress(packed, bytes) of the sqlite3 shell unpacks it.
CREATE TABLE packed_texts (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  chars INTEGER NOT NULL CHECK (chars >= 0),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  packed BLOB NOT NULL
) STRICT;

CREATE TABLE texts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  payload_sha256 TEXT NOT NULL REFERENCES payloads (sha256),
  context_sha256 TEXT NOT NULL CHECK (length(context_sha256) = 64),
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  visible_sha256 TEXT NOT NULL REFERENCES packed_texts (sha256),
  clean_sha256 TEXT NOT NULL CHECK (length(clean_sha256) = 64),
  derivation_sha256 TEXT NOT NULL CHECK (length(derivation_sha256) = 64),
  visible_chars INTEGER NOT NULL,
  clean_chars INTEGER NOT NULL,
  dropped_chars INTEGER NOT NULL,
  replaced_chars INTEGER NOT NULL,
  medium TEXT NOT NULL,
  shape TEXT NOT NULL,
  method TEXT NOT NULL,
  confidence REAL NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('clean', 'suspect', 'hijacked')),
  page_verdict TEXT NOT NULL CHECK (page_verdict IN ('clean', 'suspect', 'hijacked')),
  encoding TEXT NOT NULL,
  encoding_how TEXT NOT NULL,
  encoding_header TEXT,
  encoding_meta TEXT,
  replaced_by_decoding INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (payload_sha256, context_sha256, derivation_sha256)
) STRICT;
CREATE INDEX texts_visible ON texts (visible_sha256);
CREATE INDEX texts_run ON texts (run_id);

-- The rulesets under which a derivation gave this text; texts.ruleset_id is the first.
CREATE TABLE text_rulesets (
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  PRIMARY KEY (ruleset_id, text_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX text_rulesets_text ON text_rulesets (text_id);

-- Texts that an export used; the run says which export. `prune` keeps them.
CREATE TABLE exported_texts (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  PRIMARY KEY (text_id, run_id)
) STRICT, WITHOUT ROWID;

-- The spans of the visible text and the passages of the clean text, one row for each text; the views
-- `spans` and `passages` unpack them.
-- kinds_json: [action, rule, part, replacement, basis], …
-- spans_json: [start, length, number of its kind], …
-- passages_json: [0 front, 1 body, 2 appendix; start; length], …, each followed by its words if these
-- differ from the visible text at that place without final line ends.
CREATE TABLE partitions (
  text_id INTEGER PRIMARY KEY REFERENCES texts (id) ON DELETE CASCADE,
  kinds_json TEXT NOT NULL CHECK (json_valid(kinds_json)),
  spans_json TEXT NOT NULL CHECK (json_valid(spans_json)),
  passages_json TEXT NOT NULL CHECK (json_valid(passages_json))
) STRICT;

-- The number of spans and visible characters that each rule decided in a text.
CREATE TABLE rule_uses (
  rule_id INTEGER NOT NULL REFERENCES rules (id),
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  action TEXT NOT NULL,
  spans INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  PRIMARY KEY (rule_id, text_id, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_uses_text ON rule_uses (text_id);

CREATE TABLE identities (
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  value_json TEXT NOT NULL CHECK (json_valid(value_json)),
  raw TEXT NOT NULL,
  source TEXT NOT NULL,
  method TEXT NOT NULL CHECK (method = 'read' OR method = 'inferred' OR method = 'weighed' OR method = 'witness' OR method = 'decision'),
  confidence REAL NOT NULL,
  start INTEGER,
  stop INTEGER,
  candidates_json TEXT NOT NULL CHECK (json_valid(candidates_json)),
  PRIMARY KEY (text_id, field)
) STRICT, WITHOUT ROWID;
-- Texts by what they say of their place.
CREATE INDEX identities_place ON identities (value_json) WHERE field = 'place_code' OR field = 'within';

CREATE TABLE flags (
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  words TEXT NOT NULL,
  evidence TEXT NOT NULL,
  proposals_json TEXT NOT NULL CHECK (json_valid(proposals_json)),
  PRIMARY KEY (text_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX flags_kind ON flags (kind);
CREATE INDEX flags_injected ON flags (words, text_id) WHERE kind = 'hijack';
