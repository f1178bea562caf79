"""Saved SQL queries, with titles in both languages."""

from __future__ import annotations

from typing import Final

QUERIES: Final[dict[str, dict[str, str]]] = {
    "find": {
        "title": "搜索 · Search, exactly",
        "description": "Words with spaces between must all be there; 逐字查找。",
        "sql": "select works.name, works.place, works.report_year, documents.chars"
        " from search_index join documents on documents.id = search_index.rowid"
        " join works on works.id = documents.work_id"
        " where search_index match zh_query(:words) and zh_contains(documents.words, :words)"
        " order by works.place_key, works.report_year",
    },
    "sentences": {
        "title": "含词语的段落 · Passages with a word",
        "sql": "select works.name, passages.text_id, passages.seq + 1 as passage,"
        " zh_snippet(passages.text, :words) as words"
        " from search_index"
        " join search_documents on search_documents.id = search_index.rowid"
        " join works on works.id = search_documents.work_id"
        " join passages on passages.text_id = search_documents.text_id"
        " where search_index match zh_query(:words) and words <> ''"
        " order by works.name, passages.id limit 500",
    },
    "removed_by_rule": {
        "title": "各规则删去的字数 · What each rule removed",
        "sql": "select rules.name, rules.why, sum(spans) as times, sum(chars) as chars"
        " from rule_uses join rules on rules.id = rule_uses.rule_id where action <> 'keep'"
        " group by rules.name order by chars desc",
    },
    "failures_by_host": {
        "title": "各主机的失败 · Failures by host",
        "sql": "select host, outcome, count(*) as captures from failures"
        " group by host, outcome order by captures desc",
    },
    "where_from": {
        "title": "各段的来源 · Where each passage of a text comes from",
        "sql": "select passage, start, url, captured_at, payload_sha256, ruleset from trace"
        " where text_id = :text_id",
    },
    "what_was_removed": {
        "title": "删去的内容 · What was removed from a text",
        "sql": "select words, start, rule, why from removed where text_id = :text_id",
    },
    "captures_of": {
        "title": "某网址的各次抓取 · Captures of an address",
        "sql": "select captures.id as capture_id, coalesce(captured_at, recorded_at) as at,"
        " outcome, status, payload_sha256 from captures join pages on pages.id = page_id"
        " where pages.url = :url order by captures.id",
    },
    "nothing_lost": {
        "title": "有无遗失 · Is anything lost? (no row means no)",
        "sql": "select * from broken_partition",
    },
}  # fmt: skip
"""Saved queries, which also run if SQL in a URL is not allowed."""
