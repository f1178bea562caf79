-- Collated: judgements about texts; made anew by every collation, apart from the ids of works.

CREATE TABLE works (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  place_code TEXT,
  place TEXT,
  level TEXT,
  report_year INTEGER,
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  title TEXT,
  session TEXT,
  speaker TEXT,
  office TEXT,
  delivered_on TEXT
) STRICT;
CREATE INDEX works_place ON works (place_code, report_year);
CREATE INDEX works_year ON works (report_year);

CREATE TABLE witnesses (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  host TEXT,
  extent TEXT NOT NULL CHECK (extent IN ('whole', 'part', 'excerpt', 'unknown')),
  rank INTEGER NOT NULL,
  how TEXT NOT NULL,
  run_id INTEGER REFERENCES runs (id),
  UNIQUE (work_id, name)
) STRICT;

CREATE TABLE witness_texts (
  witness_id INTEGER NOT NULL REFERENCES witnesses (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  first_passage INTEGER,
  last_passage INTEGER,
  PRIMARY KEY (witness_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX witness_texts_text ON witness_texts (text_id);

CREATE TABLE sentence_hashes (
  hash INTEGER NOT NULL,
  passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  PRIMARY KEY (hash, passage_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sentence_hashes_passage ON sentence_hashes (passage_id);

CREATE TABLE alignments (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  passage_a INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  passage_b INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  relation TEXT NOT NULL CHECK (relation IN ('same', 'variant', 'contains')),
  score REAL NOT NULL,
  operations_json TEXT NOT NULL CHECK (json_valid(operations_json)),
  run_id INTEGER REFERENCES runs (id),
  UNIQUE (work_id, passage_a, passage_b)
) STRICT;
CREATE INDEX alignments_a ON alignments (passage_a);
CREATE INDEX alignments_b ON alignments (passage_b);

CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  witness_id INTEGER NOT NULL REFERENCES witnesses (id) ON DELETE CASCADE,
  passage_id INTEGER REFERENCES passages (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (work_id, seq, witness_id)
) STRICT;
CREATE INDEX readings_witness ON readings (witness_id);
CREATE INDEX readings_passage ON readings (passage_id);

CREATE TABLE editions (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL UNIQUE REFERENCES works (id) ON DELETE CASCADE,
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  run_id INTEGER REFERENCES runs (id),
  text_sha256 TEXT NOT NULL CHECK (length(text_sha256) = 64)
) STRICT;

CREATE TABLE edition_passages (
  edition_id INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  supports INTEGER NOT NULL CHECK (supports >= 0),
  supporters_json TEXT NOT NULL CHECK (json_valid(supporters_json)),
  PRIMARY KEY (edition_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX edition_passages_passage ON edition_passages (passage_id);

CREATE TABLE keywords (
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  word TEXT NOT NULL,
  count INTEGER NOT NULL,
  weight REAL NOT NULL,
  PRIMARY KEY (work_id, word)
) STRICT, WITHOUT ROWID;
