"""The results of the stages for invented texts, in a form that can be stored and compared.

The stored results say how the program reads them today, not what is right. A change must be looked
at. If it is intended, raise the version of the stage in `archive.derivation.STAGES`, so that
`rederive` makes old texts again, and run `python bench/renew_results.py`: it prints and stores it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import baogao_practice as practice
from archive import Archive, Capture, Derivation, derive
from baogao_practice import twins
from baogao_practice.page import Request
from baogao_practice.web import sites

STORED = Path(__file__).parent / "results.json"
SNIPPETS = Path(__file__).parent / "snippets.json"
"""Titles, session lines, sentences and furniture, invented for tests of single rules."""
VARIANTS, PARTS = range(6), 8
FRAME = """首页 > 政府工作报告
来源：临江县政府办公室

临江县人民政府工作报告
——2023年1月9日在临江县第十六届人民代表大会第三次会议上
县长 演示甲
%s
各位代表：
现在，我代表县人民政府向大会报告工作，请予审议，并请政协委员提出意见。
一、2022年工作回顾
过去的一年，在市委、市政府和县委的坚强领导下，我们修了三座桥，铺了十公里路。
二、2023年工作安排
全县生产总值增长6%%，粮食产量稳定在12万吨，新增城镇就业3000人。
各位代表，让我们团结一心，为建设美好家园而奋斗！
"""
"""A report with a placeholder for a snippet between its head and its speech."""


def lacks_a_version(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the result of a stored text has changed although no stage has a new version."""
    other = any(
        name in now.get(group, {}) and now[group][name] != result
        for group, texts in before.items()
        if group not in {"stages", "works"}
        for name, result in texts.items()
    )
    return other and before["stages"] == now["stages"]


def groups() -> list[str]:
    """Return the hosts of the practice web, variants of the twins, and parts of the snippets."""
    return [
        *practice.hosts(behaving=True),
        *(f"twins {variant}" for variant in VARIANTS),
        *(f"snippets {part}" for part in range(PARTS)),
    ]


def results(group: str) -> dict[str, Any]:
    """Return the results of a group, by the address or name of each text."""
    if group.startswith("snippets "):
        return {
            snippet: [digest(result(derived_text(text))) for text in (snippet, FRAME % snippet)]
            for snippet in snippets()[int(group.split()[1]) :: PARTS]
        }
    return {name: result(derivation) for name, derivation in derivations(group)}


def derivations(group: str) -> Iterator[tuple[str, Derivation]]:
    """Yield the name and derivation of every text of a group."""
    if group.startswith("twins "):
        for twin in twins.twins(int(group.split()[1])):
            yield twin.name, derived_text(twin.content())
        return
    for url in dict.fromkeys(practice.urls(group)):
        if (derivation := derived(url)) is not None:
            yield url, derivation


def snippets() -> list[str]:
    """Return the snippets, in the order of their file."""
    return json.loads(SNIPPETS.read_text("utf-8"))


def derived_text(text: str) -> Derivation:
    """Return the derivation of a text file."""
    return derive(Capture.from_bytes(text.encode("utf-8", "surrogatepass"), filename="text.txt"))


@lru_cache(maxsize=512)
def derived(url: str) -> Derivation | None:
    """Return the derivation of a page of the practice web, or None if it has no text."""
    parts = urlsplit(url)
    request = Request(parts.hostname, parts.path, parts.query)
    answer = sites()[parts.hostname].page(parts.path, parts.query).answer(request)
    if answer.status != 200 or not answer.body:
        return None
    return derive(Capture.from_bytes(answer.body, url=url, headers=dict(answer.headers)))


def result(derivation: Derivation) -> dict[str, Any]:
    """Return a summary of a derivation: texts, spans and evidence as digests, decisions in full."""
    shown = derivation.as_json()
    return {
        "read": [shown["method"], shown["confidence"], shown["medium"], shown["shape"]],
        "verdict": [shown["verdict"], shown["page_verdict"]],
        "officialness": value(shown["officialness"]),
        "identity": {name: value(found) for name, found in shown["identity"].items() if found},
        "flags": counted(flag["kind"] for flag in shown["flags"]),
        "rules": counted(f"{span['action']} {span['rule']}" for span in shown["spans"]),
        "digests": {name: digest(shown[name]) for name in ("visible", "text", "spans", "flags")},
    }


def value(found: dict[str, Any] | None) -> list[Any] | None:
    """Return the value, method and confidence of a field, and a digest of all its evidence."""
    if found is None:
        return None
    return [found["value"], found["method"], found["confidence"], digest(found)]


def result_of_work(archive: Archive, work: dict[str, Any]) -> dict[str, Any]:
    """Return a summary of a work: condition in full; copies, readings and edition as digests."""
    name = work["work"]
    copies = [without_ids(copy) for copy in archive.witnesses(name)]
    readings = [without_ids(reading) for reading in archive.readings(name)]
    passages = [without_ids(passage) for passage in archive.edition(name)]
    return without_ids(work) | {
        "how": [f"{copy['how']} {copy['extent']} {copy['url']}" for copy in copies],
        "readings": counted(reading["kind"] for reading in readings),
        "origins": counted(passage["origin"] for passage in passages),
        "digests": [digest(copies), digest(readings), digest(passages)],
    }


def without_ids(thing: Any) -> Any:
    """Return the value without the ids of rows."""
    if isinstance(thing, dict):
        return {
            key: without_ids(found)
            for key, found in thing.items()
            if key != "supporters" and not key.endswith("_id")
        }
    return [without_ids(found) for found in thing] if isinstance(thing, list | tuple) else thing


def counted(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name occurs."""
    return dict(sorted(Counter(names).items()))


def digest(thing: Any) -> str:
    """Return eight hexadecimal digits that identify a value."""
    shown = json.dumps(thing, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:8]
