-- Search: derived from editions and texts by store/indexing.py; one index row for each document.

-- passages_json: [text, first passage, last passage], or the words of a passage that an edition changed, ….
CREATE TABLE search_documents (
  id INTEGER PRIMARY KEY,
  work_id INTEGER,
  text_id INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  passages_json TEXT NOT NULL CHECK (json_valid(passages_json))
) STRICT;
CREATE INDEX search_documents_work ON search_documents (work_id);
CREATE INDEX search_documents_text ON search_documents (text_id);

-- detail=none: stores which documents have a token, but no positions; hits are checked in the words.
CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', tokenize='ascii', detail=none);

CREATE VIRTUAL TABLE removed_index USING fts5(tokens, content='', tokenize='ascii', detail=none);

-- Few texts are hijacked, but every page needs the list of hosts that must never be linked.
CREATE INDEX texts_hijacked ON texts (payload_sha256) WHERE page_verdict = 'hijacked';
