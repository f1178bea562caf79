-- Search: derived from editions and texts by store/search.py; one row of an index a document.

CREATE TABLE search_documents (
  id INTEGER PRIMARY KEY,
  work_id INTEGER,
  text_id INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  passages_sha256 TEXT NOT NULL CHECK (length(passages_sha256) = 64)
) STRICT;
CREATE INDEX search_documents_work ON search_documents (work_id);
CREATE INDEX search_documents_text ON search_documents (text_id);

-- text is NULL where the passage stands as it is in its source; an edition may have mended it.
CREATE TABLE search_passages (
  document_id INTEGER NOT NULL REFERENCES search_documents (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  passage_id INTEGER NOT NULL,
  text TEXT,
  PRIMARY KEY (document_id, seq)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', tokenize='ascii');

CREATE VIRTUAL TABLE removed_index USING fts5(tokens, content='', tokenize='ascii');

-- Few texts are hijacked; which hosts must never be linked is asked for on every page.
CREATE INDEX texts_hijacked ON texts (payload_sha256) WHERE page_verdict = 'hijacked';
