-- Derived: what the stages made of payloads. Old and new stand side by side, one ruleset is current.

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

CREATE TABLE visible_texts (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  chars INTEGER NOT NULL CHECK (chars >= 0),
  visible TEXT NOT NULL
) STRICT;

CREATE TABLE texts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  payload_sha256 TEXT NOT NULL REFERENCES payloads (sha256),
  context_sha256 TEXT NOT NULL CHECK (length(context_sha256) = 64),
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  visible_sha256 TEXT NOT NULL REFERENCES visible_texts (sha256),
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
  UNIQUE (payload_sha256, context_sha256, ruleset_id)
) STRICT;
CREATE INDEX texts_ruleset ON texts (ruleset_id);
CREATE INDEX texts_visible ON texts (visible_sha256);
CREATE INDEX texts_run ON texts (run_id);

-- OR in place of IN: for each row SQLite would build the list of an IN of three and more anew, which
-- costs a span a third of its time.
CREATE TABLE spans (
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action = 'keep' OR action = 'drop' OR action = 'replace'),
  rule_id INTEGER NOT NULL REFERENCES rules (id),
  part TEXT CHECK (part = 'body' OR part = 'front' OR part = 'appendix'),
  replacement TEXT,
  basis TEXT,
  PRIMARY KEY (text_id, seq),
  CHECK (stop > start),
  CHECK ((action = 'replace') = (replacement IS NOT NULL)),
  CHECK ((action = 'drop') = (part IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX spans_rule ON spans (rule_id);

CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  part TEXT NOT NULL CHECK (part = 'body' OR part = 'front' OR part = 'appendix'),
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (text_id, seq)
) STRICT;

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

CREATE TABLE flags (
  id INTEGER PRIMARY KEY,
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  words TEXT NOT NULL,
  evidence TEXT NOT NULL,
  proposals_json TEXT NOT NULL CHECK (json_valid(proposals_json)),
  UNIQUE (text_id, seq)
) STRICT;
CREATE INDEX flags_kind ON flags (kind);
CREATE INDEX flags_injected ON flags (words, text_id) WHERE kind = 'hijack';
