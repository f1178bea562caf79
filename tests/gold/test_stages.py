"""A stage that makes something else of the same pages has another version.

After a change of results that is meant: raise the version in `archive.derivation.STAGES`, then run
`python tests/gold/test_stages.py`, which notes what the stages make now.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import baogao_practice as practice
from archive import Capture, Derivation, derive
from archive.derivation import STAGES
from archive.model import canonical_json, sha256
from baogao_practice.page import Request
from baogao_practice.web import sites

NOTED = Path(__file__).with_name("stages.json")
PAGES_A_HOST = 8


def derivations() -> list[Derivation]:
    """What is made of the first pages of each host of the practice web."""
    found = []
    for host in practice.hosts():
        for url in [url for url in practice.urls(host) if url.startswith("http")][:PAGES_A_HOST]:
            path, _, query = url.partition(host)[2].partition("?")
            answer = sites()[host].page(path, query).answer(Request(host, path, query))
            if answer.status == 200 and answer.body:
                headers = dict(answer.headers)
                found.append(derive(Capture.from_bytes(answer.body, url=url, headers=headers)))
    return found


def made(stage: str, derivation: Derivation) -> Any:
    """What one stage decided of a derivation, without versions of libraries."""
    if stage == "read":
        return [derivation.visible, derivation.medium, derivation.decoding.encoding]
    if stage == "clean":
        cuts = [(s.start, s.stop, s.action, s.rule, s.replacement) for s in derivation.spans]
        return [derivation.shape, cuts]
    if stage == "identify":
        known = derivation.identity.items()
        return {name: value and asdict(value) for name, value in known if name != "completeness"}
    completeness = derivation.identity["completeness"]
    return [
        derivation.verdict, derivation.page_verdict, [asdict(flag) for flag in derivation.flags],
        completeness and completeness.value, [span.part for span in derivation.spans],
    ]  # fmt: skip


@lru_cache(maxsize=1)
def digests() -> dict[str, str]:
    """The digest of what each stage makes."""
    found = derivations()
    assert len(found) > 60
    return {
        stage: sha256(canonical_json([made(stage, each) for each in found]).encode())
        for stage in STAGES
    }


def changed(noted: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Stages that make something else, although neither they nor one before them was raised."""
    found = []
    for stage, digest in now["digests"].items():
        if noted["versions"][stage] != now["versions"][stage]:
            return []  # what follows it has other input
        if noted["digests"][stage] != digest:
            found.append(stage)
    return found


def test_no_stage_makes_something_else_without_a_new_version() -> None:
    noted = json.loads(NOTED.read_text(encoding="utf-8"))
    assert changed(noted, {"versions": dict(STAGES), "digests": digests()}) == [], __doc__


def test_what_is_noted_is_of_these_versions() -> None:
    assert json.loads(NOTED.read_text(encoding="utf-8"))["versions"] == dict(STAGES), __doc__


def test_a_change_without_a_version_is_noticed() -> None:
    before = {"versions": {"read": 1, "clean": 1}, "digests": {"read": "a", "clean": "b"}}
    assert changed(before, {**before, "digests": {"read": "a", "clean": "c"}}) == ["clean"]
    raised = {"versions": {"read": 2, "clean": 1}, "digests": {"read": "x", "clean": "c"}}
    assert changed(before, raised) == []


if __name__ == "__main__":
    now = {"versions": dict(STAGES), "digests": digests()}
    NOTED.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
