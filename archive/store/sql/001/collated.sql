-- Collated: judgements about texts; every collation makes them again, except the ids of works.

-- How far the last collation got. The next one adds only later texts and decisions to to_collate, if
-- texts are still grouped and indexed in the same way (grouped_by, indexed_by). everything: it
-- processes all texts, and has not ended while to_collate has rows.
CREATE TABLE collated (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  grouped_by TEXT NOT NULL,
  indexed_by INTEGER NOT NULL,
  text_id INTEGER NOT NULL,
  decision_id INTEGER NOT NULL,
  everything INTEGER NOT NULL CHECK (everything = 0 OR everything = 1)
) STRICT;

-- The texts that a collation has still to process; it continues here after an interruption.
-- judge: search the text for names injected on other pages; regroup: determine its works.
CREATE TABLE to_collate (
  text_id INTEGER PRIMARY KEY,
  judge INTEGER NOT NULL CHECK (judge = 0 OR judge = 1),
  regroup INTEGER NOT NULL CHECK (regroup = 0 OR regroup = 1)
) STRICT;

-- plain is the name without the suffix that distinguishes reports of one place and year. place_key is
-- place_code, or, for a functional area or a town, the code of the division that contains it (within),
-- a tilde and its name; area_code is its statistical code.
-- From quality on: the condition of its edition (archive/collate/condition.py), decided once for all
-- pages, exports and counts. unfit is the reason why its words are not counted, or '' if they are;
-- body_chars and body_han count the characters of the body without white space, and the Han ones.
CREATE TABLE works (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  plain TEXT NOT NULL,
  place_key TEXT NOT NULL,
  place_code TEXT,
  place TEXT,
  level TEXT,
  within TEXT,
  area_code TEXT,
  report_year INTEGER,
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  title TEXT,
  session TEXT,
  speaker TEXT,
  office TEXT,
  delivered_on TEXT,
  script TEXT,
  quality TEXT NOT NULL DEFAULT 'clean',
  completeness TEXT NOT NULL DEFAULT 'unknown',
  completeness_ratio REAL,
  state TEXT NOT NULL DEFAULT 'unknown',
  unfit TEXT NOT NULL DEFAULT '',
  hijacked_copies INTEGER NOT NULL DEFAULT 0,
  body_chars INTEGER NOT NULL DEFAULT 0,
  body_han INTEGER NOT NULL DEFAULT 0,
  made_of TEXT
) STRICT;
CREATE INDEX works_place ON works (place_key, report_year, name);
CREATE INDEX works_plain ON works (plain);
CREATE INDEX works_year ON works (report_year);

CREATE TABLE witnesses (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  host TEXT,
  extent TEXT NOT NULL CHECK (extent = 'whole' OR extent = 'part' OR extent = 'excerpt' OR extent = 'unknown'),
  rank INTEGER NOT NULL,
  how TEXT NOT NULL,
  basis_text_id INTEGER REFERENCES texts (id) ON DELETE SET NULL,
  family TEXT,
  missing_json TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(missing_json)),
  run_id INTEGER REFERENCES runs (id),
  UNIQUE (work_id, name)
) STRICT;

-- No ON DELETE for the text: the works made of a text must be deleted before it.
CREATE TABLE witness_texts (
  witness_id INTEGER NOT NULL REFERENCES witnesses (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  text_id INTEGER NOT NULL REFERENCES texts (id),
  first_passage INTEGER,
  last_passage INTEGER,
  PRIMARY KEY (witness_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX witness_texts_text ON witness_texts (text_id);

-- No foreign key and no second index, to keep the index of copies small. To delete the hashes of a
-- text, they are computed again from its passages.
CREATE TABLE copy_hashes (
  hash INTEGER NOT NULL,
  text_id INTEGER NOT NULL,
  PRIMARY KEY (hash, text_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sketches (
  text_id INTEGER PRIMARY KEY REFERENCES texts (id) ON DELETE CASCADE,
  hashes INTEGER NOT NULL,
  key_chars INTEGER NOT NULL,
  note TEXT,
  doubt TEXT
) STRICT;

-- Texts that are copies in whole or in part; `ends`: only the end of one overlaps the beginning of
-- the other.
CREATE TABLE links (
  one INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  other INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  shared INTEGER NOT NULL,
  share REAL NOT NULL,
  ends INTEGER NOT NULL CHECK (ends = 0 OR ends = 1),
  PRIMARY KEY (one, other),
  CHECK (one < other)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_other ON links (other);

CREATE TABLE inherited_identities (
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  value_json TEXT NOT NULL CHECK (json_valid(value_json)),
  raw TEXT NOT NULL,
  source TEXT NOT NULL,
  method TEXT NOT NULL CHECK (method = 'witness'),
  confidence REAL NOT NULL,
  PRIMARY KEY (text_id, work_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX inherited_identities_work ON inherited_identities (work_id);

-- One row for each place and each witness that covers it; the base's row has the surrounding words.
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  witness_id INTEGER NOT NULL REFERENCES witnesses (id) ON DELETE CASCADE,
  passage_id INTEGER,
  kind TEXT NOT NULL,
  words TEXT NOT NULL,
  start INTEGER,
  stop INTEGER,
  before TEXT,
  after TEXT,
  brand TEXT,
  UNIQUE (work_id, seq, witness_id)
) STRICT;
CREATE INDEX readings_witness ON readings (witness_id);
CREATE INDEX readings_substituted ON readings (kind, work_id) WHERE kind IN ('brand', 'number');

-- The passages of an edition, packed in its row; the view `edition_passages` unpacks them.
-- sources_json: [text, witness, part, origin, [supporting witness, …]], …
-- passages_json: [passage's number in its text, number of its source], …, each followed by its words
-- and the list of changes, if it differs from its text.
CREATE TABLE editions (
  id INTEGER PRIMARY KEY,
  work_id INTEGER NOT NULL UNIQUE REFERENCES works (id) ON DELETE CASCADE,
  ruleset_id INTEGER NOT NULL REFERENCES rulesets (id),
  run_id INTEGER REFERENCES runs (id),
  text_sha256 TEXT NOT NULL CHECK (length(text_sha256) = 64),
  gaps INTEGER NOT NULL,
  counts_json TEXT NOT NULL CHECK (json_valid(counts_json)),
  sources_json TEXT NOT NULL CHECK (json_valid(sources_json)),
  passages_json TEXT NOT NULL CHECK (json_valid(passages_json))
) STRICT;

-- Injected names for which texts were flagged, by site (or folder of files); scope '' means everywhere,
-- because two sites have the name. first_text_id is the first such text.
CREATE TABLE brands (
  words TEXT NOT NULL,
  scope TEXT NOT NULL,
  first_text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  PRIMARY KEY (words, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX brands_scope ON brands (scope);
CREATE INDEX brands_first ON brands (first_text_id);

-- Occurrences of such names in texts whose own derivation does not flag them: evidence from the whole
-- archive, while `flags` are evidence from one page. `kept`: it is in the clean text.
CREATE TABLE brand_places (
  text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  words TEXT NOT NULL,
  evidence TEXT NOT NULL,
  proposals_json TEXT NOT NULL CHECK (json_valid(proposals_json)),
  basis_text_id INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  kept INTEGER NOT NULL CHECK (kept = 0 OR kept = 1),
  PRIMARY KEY (text_id, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX brand_places_basis ON brand_places (basis_text_id);

-- The census, kept by triggers on works (archive/store/census.py).
-- cells: the years with any work, an unknown year too; reported: the years with a final work report.
CREATE TABLE census_places (
  place_key TEXT PRIMARY KEY,
  works INTEGER NOT NULL,
  cells INTEGER NOT NULL,
  reported INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The dated works of the places below a province, which is two digits.
CREATE TABLE census_provinces (
  province TEXT NOT NULL,
  report_year INTEGER NOT NULL,
  works INTEGER NOT NULL,
  PRIMARY KEY (province, report_year)
) STRICT, WITHOUT ROWID;
