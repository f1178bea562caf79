-- Search: derived from editions and texts by store/search.py; one row of an index a document.

-- passages_json: [text, first passage, last passage], or the words of one that an edition mended, ….
CREATE TABLE search_documents (
  id INTEGER PRIMARY KEY,
  work_id INTEGER,
  text_id INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  passages_json TEXT NOT NULL CHECK (json_valid(passages_json))
) STRICT;
CREATE INDEX search_documents_work ON search_documents (work_id);
CREATE INDEX search_documents_text ON search_documents (text_id);

-- detail=none: which documents have a token, not where; a hit is checked against the words.
CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', tokenize='ascii', detail=none);

CREATE VIRTUAL TABLE removed_index USING fts5(tokens, content='', tokenize='ascii', detail=none);

-- Few texts are hijacked; which hosts must never be linked is asked for on every page.
CREATE INDEX texts_hijacked ON texts (payload_sha256) WHERE page_verdict = 'hijacked';
