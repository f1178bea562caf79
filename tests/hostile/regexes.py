"""Every regular expression of code and rules, and what it is slowest on.

A pattern is taken apart with the parser of the standard library. Wherever it repeats something, an
attack repeats the same very often and ends so that the pattern cannot match.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from time import process_time
from typing import Any

import archive
import crawler
from archive.known import shipped
from archive.known.linear import parsed

ROOMS = (archive, crawler)
"""The practice web reads nothing of others."""

WINDOWS = {
    "archive.clean.casing._NUMBER_BEFORE": "asked in the characters before a place",
    "archive.clean.repairs._EARLIER_SOUNDS": "asked in the 32 characters before a place",
    "archive.browse.policy._INLINE": "asked of templates, which are nobody else's",
}
"""Patterns that never see a long text of others, by name, and why."""

CALLS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
AT_START = {"match", "fullmatch"}
ENOUGH_S = 0.003
"""Below this many seconds a time is noise."""

LONGEST_S = 0.1
"""An attack that grows fast is believed after so many seconds."""

LENGTHS = (256, 2048, 8192)
"""Characters of an attack; one that costs no time at the last of them is no attack."""

RATIO = 2.5
OFTEN = 8
"""Repeats up to this often are no attack."""

ENDS = ("", "\n〇x")


@dataclass(frozen=True, order=True)
class Pattern:
    """A pattern, its flags, where it is from, and whether it is only asked at one place."""

    pattern: str
    flags: int
    where: str
    anchored: bool

    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self.flags)

    def slowest(self) -> Callable[[str], object]:
        """How it is asked, or the costliest way to ask."""
        compiled = self.compiled()
        return compiled.match if self.anchored else lambda words: list(compiled.finditer(words))


# ---- all patterns


def patterns() -> list[Pattern]:
    """Those that modules and the shipped rules hold, and those written in calls; of text only."""
    found: dict[tuple[str, int], Pattern] = {}
    for pattern in (*_held(), *_of_rules(), *_written()):
        before = found.get((pattern.pattern, pattern.flags))
        if pattern.where not in WINDOWS and (before is None or before.anchored):
            found[pattern.pattern, pattern.flags] = pattern
    return sorted(found.values())


def _held() -> Iterator[Pattern]:
    """What stands in the modules, by itself or in tuples and tables."""
    uses = _uses()
    for name in (name for room in ROOMS for name in _modules(room)):
        for label, value in list(vars(importlib.import_module(name)).items()):
            used = uses[label] if not label.startswith("_") else uses[f"{name}.{label}"]
            for compiled in _inside(value):
                anchored = value is compiled and bool(used) and used <= AT_START
                flags = compiled.flags & ~re.UNICODE
                yield Pattern(compiled.pattern, flags, f"{name}.{label}", anchored)


def _inside(value: Any, depth: int = 3) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth and isinstance(value, Mapping):
        for each in value.values():
            yield from _inside(each, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _inside(each, depth - 1)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _inside(getattr(value, field.name, None), depth - 1)


def _modules(room: Any) -> Iterator[str]:
    yield room.__name__
    for found in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
        if not found.name.endswith("__main__"):
            yield found.name


def _of_rules() -> Iterator[Pattern]:
    """The patterns of rules and lexica; of a line, a rule asks where a line or a field begins."""
    knowledge = shipped()
    for rule in knowledge.rules:
        inline = rule.scope == "inline"
        asked = {"pattern": not inline, "unless": True, "lone": True, "unseen": False}
        for name, anchored in asked.items():
            if getattr(rule, name):
                yield Pattern(getattr(rule, name), 0, f"rule {rule.id}: {name}", anchored)
    for name in ("lexica", "shapes", "brands"):
        for compiled in _inside(getattr(knowledge, name, None), depth=5):
            yield Pattern(compiled.pattern, compiled.flags & ~re.UNICODE, name, anchored=False)


def _written() -> Iterator[Pattern]:
    """Patterns that stand as literals in calls such as `re.search("…", words)`."""
    for room in ROOMS:
        for path in Path(room.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if _is_call(node) and isinstance(node.args[0], ast.Constant):
                    pattern = node.args[0].value
                    if isinstance(pattern, str) and node.func.attr != "compile":
                        yield Pattern(
                            pattern, _flags(node), f"{path.name}:{node.lineno}",
                            node.func.attr in AT_START,
                        )  # fmt: skip


def _is_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in CALLS
        and bool(node.args)
    )


def _flags(node: ast.Call) -> int:
    names = [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and n.attr.isupper()]
    return sum({int(getattr(re, name)) for name in names if hasattr(re, name)})


def _uses() -> dict[str, set[str]]:
    """What is asked of each name: of a private one in its module, of a public one anywhere."""
    found: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        home = Path(room.__file__).parent
        for path in home.rglob("*.py"):
            places = path.relative_to(home.parent).with_suffix("").parts
            module = ".".join(places).removesuffix(".__init__")
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    found[node.value.id].add(node.attr)
                    found[f"{module}.{node.value.id}"].add(node.attr)
    return found


# ---- attacks


def attacks(pattern: str, flags: int = 0) -> list[Callable[[int], str]]:
    """Functions of a number of characters that give a text on which the pattern may be slow."""
    made: list[Callable[[int], str]] = []
    tree = _tree(pattern, flags)
    for before, again in sorted(set(_repeats(tree))):
        for end in ENDS:
            made += [
                lambda n, a=again, b=before, e=end: b + a * (n // len(a)) + e,
                lambda n, a=again, b=before, e=end: (b + a) * (n // len(b + a)) + e,
            ]
    whole = sample(tree)
    if whole:
        made += [lambda n, w=whole: w * (n // len(w)), lambda n, w=whole: w[:-1] * (n // len(w))]
        made += [lambda n, c=c: c * n for c in sorted(set(whole))[:4]]
    return made


def _tree(pattern: str, flags: int) -> Any:
    return re._parser.parse(pattern, flags) if flags else parsed(pattern)


def _repeats(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What precedes a repeat, and what it repeats."""
    for code, value in tree:
        name = str(code)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, body = value
            for again in {sample(body), sample(body, last=True)} - {""}:
                if int(most) > OFTEN:
                    yield before, again
            yield from _repeats(body, before)
        elif name == "SUBPATTERN":
            yield from _repeats(value[-1], before)
        elif name == "ATOMIC_GROUP":
            yield from _repeats(value, before)
        elif name == "BRANCH":
            for body in value[1]:
                yield from _repeats(body, before)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(value[1], before)
        before += sample([(code, value)])


def sample(tree: Any, *, last: bool = False) -> str:
    """Words that a pattern, or a piece of one, matches, if that is easily found."""
    return "".join(_sample(str(code), value, last) for code, value in tree)


def _sample(code: str, value: Any, last: bool) -> str:  # noqa: FBT001, PLR0911
    if code == "LITERAL":
        return chr(value)
    if code in ("ANY", "NOT_LITERAL"):
        return "x" if value != ord("x") else "y"
    if code == "IN":
        return _of_class(value, last)
    if code in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, body = value
        return sample(body, last=last) * max(int(least), 0 if not last else min(1, int(most)))
    if code == "SUBPATTERN":
        return sample(value[-1], last=last)
    if code == "ATOMIC_GROUP":
        return sample(value, last=last)
    if code == "BRANCH":
        return sample(value[1][-1 if last else 0], last=last)
    return ""


def _of_class(items: Any, last: bool) -> str:  # noqa: FBT001
    if str(items[0][0]) == "NEGATE":
        compiled = re.compile(f"[^{_class_words(items[1:])}]")
        return next((c for c in "x 中1\n-。a" if compiled.match(c)), "\u4e00")
    code, value = items[-1 if last else 0]
    if str(code) == "LITERAL":
        return chr(value)
    if str(code) == "RANGE":
        return chr(value[1 if last else 0])
    return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "x"}.get(str(value), "-")


def _class_words(items: Any) -> str:
    words = ""
    for code, value in items:
        if str(code) == "LITERAL":
            words += re.escape(chr(value))
        elif str(code) == "RANGE":
            words += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        else:
            words += {
                "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s",
                "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
            }[str(value)]  # fmt: skip
    return words


# ---- time


@dataclass(frozen=True)
class Measured:
    """The worst attack on a pattern: how often its time doubles where its length does."""

    ratio: float
    length: int
    seconds: float


def measured(pattern: Pattern) -> Measured:
    """The attack on which a pattern grows fastest; 0 where none takes any time."""
    ask = pattern.slowest()
    worst = Measured(0.0, 0, 0.0)
    for attack in attacks(pattern.pattern, pattern.flags):
        found = _growth(ask, attack)
        if found.ratio > worst.ratio:
            worst = found
        if worst.ratio > RATIO:
            break
    return worst


def _growth(ask: Callable[[str], object], attack: Callable[[int], str]) -> Measured:
    """How its time grows, measured at twice the length again where it grows too fast.

    A repeat of up to four thousand is linear only beyond them.
    """
    for length in LENGTHS:
        if _time(ask, attack(length)) >= ENOUGH_S:
            found = _doubled(ask, attack, length)
            while found.ratio > RATIO and found.seconds < LONGEST_S:
                found = _doubled(ask, attack, 2 * found.length)
            return found
    return Measured(0.0, 0, 0.0)


def _doubled(ask: Callable[[str], object], attack: Callable[[int], str], length: int) -> Measured:
    times = [min(_time(ask, attack(n)) for _ in range(2)) for n in (length, 2 * length)]
    return Measured(times[1] / max(times[0], 1e-9), length, times[1])


def _time(ask: Callable[[str], object], words: str) -> float:
    began = process_time()
    ask(words)
    return process_time() - began
