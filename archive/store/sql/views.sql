-- Views for people and for tests; made again in every archive whose views differ from these.

-- The texts of the current ruleset.
CREATE VIEW up_to_date AS
SELECT text_id FROM text_rulesets WHERE ruleset_id = (SELECT ruleset_id FROM current_ruleset);

CREATE VIEW current_texts AS
SELECT texts.*, EXISTS (SELECT 1 FROM up_to_date WHERE text_id = texts.id) AS is_current
FROM texts
WHERE texts.id = (
  SELECT rival.id FROM texts AS rival
  WHERE rival.payload_sha256 = texts.payload_sha256
    AND rival.context_sha256 = texts.context_sha256
  ORDER BY EXISTS (SELECT 1 FROM up_to_date WHERE text_id = rival.id) DESC, rival.id DESC
  LIMIT 1
);

CREATE VIEW visible_texts AS
SELECT sha256, chars, CAST(sqlar_uncompress(packed, bytes) AS TEXT) AS visible FROM packed_texts;

CREATE VIEW spans AS
SELECT partitions.text_id, span.key AS seq, span.value ->> 0 AS start,
  (span.value ->> 0) + (span.value ->> 1) AS stop,
  kinds_json ->> ('$[' || (span.value ->> 2) || '][0]') AS action,
  kinds_json ->> ('$[' || (span.value ->> 2) || '][1]') AS rule,
  kinds_json ->> ('$[' || (span.value ->> 2) || '][2]') AS part,
  kinds_json ->> ('$[' || (span.value ->> 2) || '][3]') AS replacement,
  kinds_json ->> ('$[' || (span.value ->> 2) || '][4]') AS basis
FROM partitions JOIN json_each(partitions.spans_json) AS span;

-- Words are unpacked only if a query selects them.
CREATE VIEW passages AS
SELECT partitions.text_id * 10000000 + passage.key AS id, partitions.text_id, passage.key AS seq,
  CASE passage.value ->> 0 WHEN 0 THEN 'front' WHEN 1 THEN 'body' WHEN 2 THEN 'appendix' END AS part,
  passage.value ->> 1 AS start, (passage.value ->> 1) + (passage.value ->> 2) AS stop,
  coalesce(passage.value ->> 3, rtrim(substr((
    SELECT visible FROM visible_texts JOIN texts ON texts.visible_sha256 = visible_texts.sha256
    WHERE texts.id = partitions.text_id
  ), (passage.value ->> 1) + 1, passage.value ->> 2), char(10))) AS text
FROM partitions JOIN json_each(partitions.passages_json) AS passage;

CREATE VIEW text_captures AS
SELECT texts.id AS text_id, captures.id AS capture_id, pages.url, pages.host,
  coalesce(captures.captured_at, captures.recorded_at) AS captured_at
FROM texts
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN pages ON pages.id = captures.page_id;

-- GROUP BY: a text is unpacked once, not once a span.
CREATE VIEW removed AS
SELECT words.text_id, span.key AS seq,
  words.kinds_json ->> ('$[' || (span.value ->> 2) || '][1]') AS rule,
  (SELECT why FROM rules WHERE rules.ruleset_id = words.ruleset_id
    AND rules.name = words.kinds_json ->> ('$[' || (span.value ->> 2) || '][1]')) AS why,
  words.kinds_json ->> ('$[' || (span.value ->> 2) || '][0]') AS action,
  substr(words.visible, (span.value ->> 0) + 1, span.value ->> 1) AS words,
  words.kinds_json ->> ('$[' || (span.value ->> 2) || '][3]') AS replacement,
  span.value ->> 0 AS start, (span.value ->> 0) + (span.value ->> 1) AS stop, words.host
FROM (
  SELECT partitions.text_id, partitions.kinds_json, partitions.spans_json, texts.ruleset_id,
    visible_texts.visible,
    (SELECT host FROM text_captures WHERE text_captures.text_id = texts.id
     ORDER BY capture_id LIMIT 1) AS host
  FROM partitions
  JOIN texts ON texts.id = partitions.text_id
  JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
  GROUP BY partitions.text_id
) AS words JOIN json_each(words.spans_json) AS span
WHERE words.kinds_json ->> ('$[' || (span.value ->> 2) || '][0]') <> 'keep';

-- The searchable documents with their words: editions of reports, and texts of no report.
-- LIMIT 1: a text is unpacked once, not once for each passage.
CREATE VIEW documents AS
SELECT search_documents.id, work_id, text_id, chars, (
  SELECT group_concat(CASE piece.type WHEN 'text' THEN piece.value ELSE (
      SELECT group_concat(coalesce(passage.value ->> 3, rtrim(
          substr(words.visible, (passage.value ->> 1) + 1, passage.value ->> 2), char(10))), char(10))
      FROM (
        SELECT passages_json, CAST(sqlar_uncompress(packed, bytes) AS TEXT) AS visible
        FROM partitions JOIN texts ON texts.id = partitions.text_id
        JOIN packed_texts ON packed_texts.sha256 = texts.visible_sha256
        WHERE partitions.text_id = piece.value ->> 0 LIMIT 1
      ) AS words JOIN json_each(words.passages_json) AS passage
      WHERE passage.key BETWEEN piece.value ->> 1 AND piece.value ->> 2
    ) END, char(10))
  FROM json_each(search_documents.passages_json) AS piece
) AS words
FROM search_documents;

-- text is NULL if the passage is unchanged from its source.
CREATE VIEW edition_passages AS
SELECT editions.id AS edition_id, passage.key AS seq,
  (sources_json ->> ('$[' || (passage.value ->> 1) || '][0]')) * 10000000 + (passage.value ->> 0)
    AS passage_id,
  sources_json ->> ('$[' || (passage.value ->> 1) || '][1]') AS witness_id,
  sources_json ->> ('$[' || (passage.value ->> 1) || '][2]') AS part,
  sources_json ->> ('$[' || (passage.value ->> 1) || '][3]') AS origin,
  passage.value ->> 2 AS text, coalesce(passage.value ->> 3, '[]') AS changes_json,
  json_array_length(sources_json, '$[' || (passage.value ->> 1) || '][4]') AS supports,
  sources_json ->> ('$[' || (passage.value ->> 1) || '][4]') AS supporters_json
FROM editions JOIN json_each(editions.passages_json) AS passage;

CREATE VIEW broken_partition AS
WITH steps AS MATERIALIZED (
  SELECT text_id, seq, start, stop, action, rule, part, replacement,
    lag(stop, 1, 0) OVER (PARTITION BY text_id ORDER BY seq) AS reached
  FROM spans
),
sums AS (
  SELECT text_id, max(stop) AS stop,
    sum(CASE action WHEN 'keep' THEN stop - start WHEN 'replace' THEN length(replacement) ELSE 0 END)
      AS clean,
    sum(CASE action WHEN 'drop' THEN stop - start ELSE 0 END) AS dropped,
    sum(CASE action WHEN 'replace' THEN stop - start ELSE 0 END) AS replaced
  FROM steps GROUP BY text_id
)
SELECT text_id, seq, 'gap or overlap before this span' AS what FROM steps WHERE start <> reached
UNION ALL
SELECT text_id, seq, 'span of no length' FROM steps WHERE stop <= start
UNION ALL
SELECT text_id, seq, 'span of no known action' FROM steps
WHERE action IS NULL OR action NOT IN ('keep', 'drop', 'replace')
  OR (action = 'replace') <> (replacement IS NOT NULL) OR (action = 'drop') <> (part IS NULL)
UNION ALL
SELECT text_id, seq, 'span without a rule of its ruleset' FROM steps
JOIN texts ON texts.id = steps.text_id
LEFT JOIN rules ON rules.name = steps.rule AND rules.ruleset_id = texts.ruleset_id
WHERE rules.id IS NULL
UNION ALL
SELECT texts.id, NULL, 'spans do not end where the visible text ends' FROM texts
LEFT JOIN packed_texts ON packed_texts.sha256 = texts.visible_sha256
LEFT JOIN sums ON sums.text_id = texts.id
WHERE coalesce(sums.stop, 0) <> coalesce(packed_texts.chars, -1)
  OR packed_texts.chars <> texts.visible_chars
UNION ALL
SELECT texts.id, NULL, 'kept and removed characters do not add up' FROM texts
LEFT JOIN sums ON sums.text_id = texts.id
WHERE coalesce(sums.clean, 0) <> texts.clean_chars
  OR coalesce(sums.dropped, 0) <> texts.dropped_chars
  OR coalesce(sums.replaced, 0) <> texts.replaced_chars;

CREATE VIEW unfinished_runs AS
SELECT runs.* FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id
WHERE run_ends.run_id IS NULL;

CREATE VIEW failures AS
SELECT captures.id AS capture_id, captures.run_id, pages.url, pages.host, captures.outcome,
  captures.status, captures.error, captures.recorded_at
FROM captures JOIN pages ON pages.id = captures.page_id
WHERE captures.outcome NOT IN ('ok', 'unchanged', 'redirect');

CREATE VIEW trace AS
SELECT passages.id AS passage_id, passages.text_id, passages.seq, passages.part,
  passages.text AS passage, passages.start, passages.stop, texts.payload_sha256,
  captures.id AS capture_id, pages.url, captures.captured_at, captures.recorded_at, captures.ip,
  captures.run_id, rulesets.sha256 AS ruleset
FROM passages
JOIN texts ON texts.id = passages.text_id
JOIN rulesets ON rulesets.id = texts.ruleset_id
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN pages ON pages.id = captures.page_id;

CREATE VIEW removed_families AS
SELECT (SELECT host FROM text_captures WHERE text_captures.text_id = rule_uses.text_id
    ORDER BY capture_id LIMIT 1) AS host,
  rules.family, rules.kind, rules.name AS rule, sum(rule_uses.spans) AS spans,
  count(DISTINCT rule_uses.text_id) AS texts, sum(rule_uses.chars) AS characters
FROM rule_uses JOIN rules ON rules.id = rule_uses.rule_id
WHERE rule_uses.action <> 'keep'
GROUP BY host, rules.family, rules.kind, rules.name;

-- The effective verdicts: those of the derivation, or hijacked if other pages confirm a name in it.
CREATE VIEW verdicts AS
SELECT texts.id AS text_id,
  CASE WHEN EXISTS (SELECT 1 FROM brand_places WHERE brand_places.text_id = texts.id AND kept = 1)
    THEN 'hijacked' ELSE texts.verdict END AS verdict,
  CASE WHEN EXISTS (SELECT 1 FROM brand_places WHERE brand_places.text_id = texts.id)
    THEN 'hijacked' ELSE texts.page_verdict END AS page_verdict
FROM texts;

-- All doubts about a text, from its own words and from other pages.
CREATE VIEW doubts AS
SELECT text_id, kind, start, stop, words, evidence, proposals_json FROM flags
UNION ALL
SELECT text_id, 'hijack', start, stop, words, evidence, proposals_json FROM brand_places;

-- The reports whose words are counted, by trend and panel: final, of a known year, fit, and the only
-- ones of their place in that year.
CREATE VIEW countable AS
SELECT * FROM works
WHERE kind = '政府工作报告' AND stage = 'final' AND report_year IS NOT NULL AND unfit = ''
  AND NOT EXISTS (
    SELECT 1 FROM works AS other
    WHERE other.place_key = works.place_key AND other.report_year = works.report_year
      AND other.kind = works.kind AND other.stage = 'final' AND other.id <> works.id);
