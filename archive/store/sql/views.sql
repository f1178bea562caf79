-- Views for people and for tests; put back whenever their words here differ from the file's.

CREATE VIEW current_texts AS
SELECT texts.*, texts.ruleset_id = (SELECT ruleset_id FROM current_ruleset) AS is_current
FROM texts
WHERE texts.id = (
  SELECT rival.id FROM texts AS rival
  WHERE rival.payload_sha256 = texts.payload_sha256
    AND rival.context_sha256 = texts.context_sha256
  ORDER BY rival.ruleset_id = (SELECT ruleset_id FROM current_ruleset) DESC, rival.id DESC
  LIMIT 1
);

CREATE VIEW text_captures AS
SELECT texts.id AS text_id, captures.id AS capture_id, pages.url, pages.host,
  coalesce(captures.captured_at, captures.recorded_at) AS captured_at
FROM texts
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN pages ON pages.id = captures.page_id;

CREATE VIEW removed AS
SELECT spans.text_id, spans.seq, rules.name AS rule, rules.why, spans.action,
  substr(visible_texts.visible, spans.start + 1, spans.stop - spans.start) AS words,
  spans.replacement, spans.start, spans.stop,
  (SELECT host FROM text_captures WHERE text_captures.text_id = spans.text_id
   ORDER BY capture_id LIMIT 1) AS host
FROM spans
JOIN rules ON rules.id = spans.rule_id
JOIN texts ON texts.id = spans.text_id
JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
WHERE spans.action <> 'keep';

CREATE VIEW broken_partition AS
WITH steps AS (
  SELECT text_id, seq, start, stop, rule_id,
    lag(stop, 1, 0) OVER (PARTITION BY text_id ORDER BY seq) AS reached
  FROM spans
)
SELECT text_id, seq, 'gap or overlap before this span' AS what FROM steps WHERE start <> reached
UNION ALL
SELECT text_id, seq, 'span of no length' FROM steps WHERE stop <= start
UNION ALL
SELECT text_id, seq, 'span without a rule of its ruleset' FROM steps
JOIN texts ON texts.id = steps.text_id
LEFT JOIN rules ON rules.id = steps.rule_id AND rules.ruleset_id = texts.ruleset_id
WHERE rules.id IS NULL
UNION ALL
SELECT texts.id, NULL, 'spans do not end where the visible text ends' FROM texts
JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
LEFT JOIN (SELECT text_id, max(stop) AS stop FROM spans GROUP BY text_id) AS ends
  ON ends.text_id = texts.id
WHERE coalesce(ends.stop, 0) <> length(visible_texts.visible)
  OR length(visible_texts.visible) <> texts.visible_chars
UNION ALL
SELECT texts.id, NULL, 'kept and removed characters do not add up' FROM texts
LEFT JOIN (
  SELECT text_id,
    sum(CASE action WHEN 'keep' THEN stop - start WHEN 'replace' THEN length(replacement) ELSE 0 END)
      AS clean,
    sum(CASE action WHEN 'drop' THEN stop - start ELSE 0 END) AS dropped,
    sum(CASE action WHEN 'replace' THEN stop - start ELSE 0 END) AS replaced
  FROM spans GROUP BY text_id
) AS sums ON sums.text_id = texts.id
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
SELECT host, rules.family, rules.kind, removed.rule, count(*) AS spans,
  count(DISTINCT removed.text_id) AS texts, sum(removed.stop - removed.start) AS characters
FROM removed
JOIN texts ON texts.id = removed.text_id
JOIN rules ON rules.ruleset_id = texts.ruleset_id AND rules.name = removed.rule
GROUP BY host, rules.family, rules.kind, removed.rule;

-- The verdicts that count: those of the derivation, or hijacked where other pages confirm a name in it.
CREATE VIEW verdicts AS
SELECT texts.id AS text_id,
  CASE WHEN EXISTS (SELECT 1 FROM brand_places WHERE brand_places.text_id = texts.id AND kept = 1)
    THEN 'hijacked' ELSE texts.verdict END AS verdict,
  CASE WHEN EXISTS (SELECT 1 FROM brand_places WHERE brand_places.text_id = texts.id)
    THEN 'hijacked' ELSE texts.page_verdict END AS page_verdict
FROM texts;

-- All doubts about a text: what its own words say, and what other pages confirm.
CREATE VIEW doubts AS
SELECT text_id, kind, start, stop, words, evidence, proposals_json FROM flags
UNION ALL
SELECT text_id, 'hijack', start, stop, words, evidence, proposals_json FROM brand_places;

-- The reports whose words are counted: final, of a known year, fit, and the only ones of their place
-- in that year. Trend and panel count these.
CREATE VIEW countable AS
SELECT * FROM works
WHERE kind = '政府工作报告' AND stage = 'final' AND report_year IS NOT NULL AND unfit = ''
  AND NOT EXISTS (
    SELECT 1 FROM works AS other
    WHERE other.place_key = works.place_key AND other.report_year = works.report_year
      AND other.kind = works.kind AND other.stage = 'final' AND other.id <> works.id);
