"""Decides which report each article is, from its own identity or that of its copies.

Values read from a header come first. An article whose place or year was weighed or guessed takes
both from a copy that read them, and so does one that has neither. If only guesses remain and copies
of one text guess differently, the longer text wins, because it contains all the evidence of the
shorter one. Between texts of similar length none wins, and they stay without a work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from archive.collate.articles import Article
from archive.collate.names import Key
from archive.collate.neighbours import Link, Neighbours
from archive.collate.proof import RIVAL, KeyedArticle
from archive.known.kinds import kinds_with_works
from archive.model import MANY_REPORTS

READ, WEIGHED, GUESSED = range(3)
"""How well an article knows what it is: by reading, by weighing, hardly at all."""

Split = Callable[[Article], Sequence[Article]]
"""Returns the reports in a page with many reports."""

SAME_WORDS: Final = 0.98
"""Share of equal text from which only the header of one text can be wrong."""

_LONGER: Final = 1.1
"""Factor in length from which a text that contains another has more evidence."""


class Recognition:
    """The key of each article, and what became of those without one.

    `members` are the articles and parts by key, as witnesses. `notes` say, by text, why one is not
    a witness, or what contradicts it.
    """

    def __init__(self, everything: Sequence[Article], neighbours: Neighbours) -> None:
        self._everything = everything
        self._neighbours = neighbours
        self._doubted: dict[Article, Key] = {}
        self.keys: dict[Article, Key] = {}
        self.members: dict[Article, list[KeyedArticle]] = {}
        self.notes: dict[int, str] = {}

    def settle(self, split: Split) -> Iterable[KeyedArticle]:
        """Proceed from read values to guessed ones; return the members of all works."""
        own = {article: key for article in self._everything if (key := key_of(article))}
        for certainty in (READ, WEIGHED, GUESSED):
            mine = {a: key for a, key in own.items() if _certainty(a) == certainty}
            self._believe(mine)
            if certainty == READ:
                self._withdraw_outvoted()
                self._split(split)
            self._recognise()
        undated = self._undated()
        self._believe(undated)
        self._recognise()
        self._note_left({**own, **undated})
        self._note_contradictions()
        return [member for several in self.members.values() for member in several]

    def _believe(self, own: Mapping[Article, Key]) -> None:
        """Assign articles their own key, unless copies of them seem to be something else."""
        waiting = {
            article: key
            for article, key in own.items()
            if article not in self.members
            and (key.report_year is None or article.first.text_id not in self.notes)
        }
        for article in sorted(waiting, key=lambda a: (-a.chars, a.first.clean, a.first.text_id)):
            rivals = self._rivals(article, waiting)
            longer = [rival for rival in rivals if self._outweighs(rival, article, waiting)]
            shorter = [rival for rival in rivals if self._outweighs(article, rival, waiting)]
            if longer:
                continue  # they will be recognised through it
            if len(shorter) == len(rivals) or self._is_seconded(article, waiting[article]):
                self.keys[article] = waiting[article]
                self.members[article] = [KeyedArticle(article, waiting[article])]
            else:
                self._doubt(article, waiting[article], rivals)

    def _rivals(self, article: Article, own: Mapping[Article, Key]) -> dict[Article, Key]:
        """Return copies of an uncertain article that seem to be something else."""
        said = {**self.keys, **own, **self._doubted}
        return {
            other: said[other]
            for other in self._neighbours.of(article)
            if other in said and not _may_both_be(article, own[article], said[other])
        }

    def _is_seconded(self, article: Article, key: Key) -> bool:
        """Whether an accepted copy has the same key."""
        return any(self.keys.get(other) == key for other in self._neighbours.of(article))

    def _outweighs(self, one: Article, other: Article, own: Mapping[Article, Key]) -> bool:
        """Whether there is so much more evidence for `one` that `other` gives way."""
        both = one in own and other in own and one not in self._doubted
        holds = not self._neighbours.of(one)[other].ends
        return both and holds and one.chars >= _LONGER * other.chars

    def _doubt(self, article: Article, key: Key, rivals: Mapping[Article, Key]) -> None:
        self._doubted[article] = key
        others = ", ".join(sorted({rival.name for rival in rivals.values()}))
        self.notes[article.first.text_id] = (
            f"seems to be {key.name}, while copies of it seem to be {others}: neither is believed"
        )

    def _withdraw_outvoted(self) -> None:
        """Reject a header that is contradicted by the headers of its copies.

        A copy on an official site suffices to contradict; of other copies, two families must agree
        and outnumber those that support the header. They must have the same words, and other words
        of the text must also contradict its header: reports of several years or districts may be
        equal except for the year or name.
        """
        outvoted = {a: rival for a in self.keys if (rival := self._outvoted_by(a)) is not None}
        for article, rival in outvoted.items():
            key = self.keys.pop(article)
            del self.members[article]
            self._doubted[article] = key
            self.notes[article.first.text_id] = (
                f"says {key.name}, while its copies say {rival.name}: it is not believed"
            )

    def _outvoted_by(self, article: Article) -> Key | None:
        """Return the key that the copies of an article agree on against its own, if they do."""
        own = self.keys[article]
        voices: dict[Key, list[Article]] = {own: [article]}
        for other, link in self._neighbours.of(article).items():
            key = self.keys.get(other)
            if key is not None and link.shared >= SAME_WORDS * max(article.chars, other.chars):
                voices.setdefault(own if key[:2] == own[:2] else key, []).append(other)
        mine = voices.pop(own)
        for key, others in sorted(voices.items(), key=lambda each: each[0].name):
            if not _is_contradicted_as_well(article, own, key):
                continue
            official = _any_official(others) and not _any_official(mine)
            families = len({other.family for other in others})
            if official or families > max(1, len({other.family for other in mine})):
                return key
        return None

    def _split(self, split: Split) -> None:
        """Yield the parts of pages with many reports, each a witness of its own work."""
        many = [a for a in self._everything if a.first.shape == MANY_REPORTS]
        parts = [part for article in many for part in split(article)]
        keyed = ((part, key) for part in parts if (key := key_of(part)))
        self.members |= {part: [KeyedArticle(part, key, of_many=True)] for part, key in keyed}

    def _recognise(self) -> None:
        """Give articles without a key that of their neighbours, outward from the known ones."""
        waiting = [a for a in self._everything if a not in self.members and a not in self._doubted]
        while waiting:
            votes = {a: self._votes(a) for a in waiting}
            settled = {article: found for article, found in votes.items() if found}
            if not settled:
                break
            for article, found in settled.items():
                self._take(article, found)
            waiting = [article for article in waiting if article not in settled]

    def _take(self, article: Article, votes: Sequence[tuple[Key, Link]]) -> None:
        key, link = votes[0]
        if article.first.shape == MANY_REPORTS:
            self.members[article] = self._pages_of_many(article, votes)
        elif _are_rivals(votes):
            self.notes[article.first.text_id] = _several(key.name for key, _ in votes)
        else:
            self.notes.pop(article.first.text_id, None)
            self.members[article] = [KeyedArticle(article, key, "text", link.other)]
            self.keys[article] = key

    def _pages_of_many(
        self, article: Article, votes: Sequence[tuple[Key, Link]]
    ) -> list[KeyedArticle]:
        """Yield those pages with many reports that share text with a work not found in them."""
        ids = {text.text_id for text in article.texts}
        certain = {
            member.key
            for several in self.members.values()
            for member in several
            if member.of_many and ids & {text.text_id for text in member.article.texts}
        }
        found = []
        for key, link in votes:
            shared = {
                pair.one
                for other, pairs in self._neighbours.all_pairs(article)
                if self.keys.get(other) == key
                for pair in pairs
            }
            texts = tuple(text for text in article.texts if text.text_id in shared)
            if key not in certain and texts:
                part = replace(article, texts=texts)
                found.append(KeyedArticle(part, key, "text", link.other, of_many=True))
        return found

    def _votes(self, article: Article) -> list[tuple[Key, Link]]:
        """Return the works of neighbours that the article does not contradict, best first."""
        best: dict[Key, Link] = {}
        for other, link in self._neighbours.of(article).items():
            key = self.keys.get(other)
            if key is None or not _may_be(article, key):
                continue
            if key not in best or _strength(link) > _strength(best[key]):
                best[key] = link
        return sorted(best.items(), key=lambda vote: (-vote[1].shared, vote[0].name))

    def _undated(self) -> dict[Article, Key]:
        """Return keys for reports of unknown year, from texts that share their words.

        If these agree on one year, it is that; otherwise all that share text get one key without a
        year.
        """
        left = {a for a in self._everything if a not in self.members and a not in self._doubted}
        return {
            article: _undated_key(article, self._connected(article, left))
            for article in left
            if _is_undated_report(article)
        }

    def _connected(self, article: Article, among: set[Article]) -> set[Article]:
        """Return the articles connected by their words that do not name another place."""
        connected, fresh = {article}, [article]
        while fresh:
            near = {other for each in fresh for other in self._neighbours.of(each)} & among
            fresh = [a for a in near if a not in connected and a.place in (None, article.place)]
            connected.update(fresh)
        return connected

    def _note_left(self, own: Mapping[Article, Key]) -> None:
        """Note articles that gave way to a copy which they cannot belong with."""
        for article, key in own.items():
            if article not in self.members and article.first.text_id not in self.notes:
                self._doubt(article, key, self._rivals(article, own))

    def _note_contradictions(self) -> None:
        """Note articles that state one thing while their text states another."""
        for article in self._everything:
            key, note = self.keys.get(article), article.first.text_id in self.notes
            for other, link in self._neighbours.of(article).items():
                rival = self.keys.get(other)
                if rival is None or link.shared < RIVAL * article.chars:
                    continue
                if key is not None and rival[:2] != key[:2]:
                    self.notes[article.first.text_id] = (
                        f"says {key.name}, shares its text with {rival.name}"
                    )
                elif key is None and not note and not _may_be(article, rival):
                    self.notes[article.first.text_id] = (
                        f"says another place or year than {rival.name}, shares its text with it"
                    )


def key_of(article: Article) -> Key | None:
    """Return the key that an article states, if it has place, year and kind."""
    place, year, kind = article.place, article.value("report_year"), article.value("kind")
    if place is None or year is None or kind not in kinds_with_works():
        return None
    if article.first.shape == MANY_REPORTS:
        return None
    return Key(place, int(year), str(kind), str(article.value("stage") or "final"))


def undecided(key: Key, count: int) -> str:
    """Return the note for a text whose words are in several reports of one key."""
    return f"shares its text with {count} reports of {key.name}: formulas, or words of several"


def _is_contradicted_as_well(article: Article, own: Key, other: Key) -> bool:
    """Whether other words of the text contradict its header, like a copy does."""
    denied: list[tuple[str, ...]] = (
        [("report_year",)] if own.report_year != other.report_year else []
    )
    if own.place != other.place:
        denied.append(("place_code", "place"))
    return all(any(map(article.is_contradicted, fields)) for fields in denied)


def _any_official(articles: Sequence[Article]) -> bool:
    return any(article.first.site_kind == "official" for article in articles)


def _certainty(article: Article) -> int:
    fields = (article.place_field, "report_year")
    if any(article.is_guessed(name) for name in fields):
        return GUESSED
    return WEIGHED if any(article.is_weak(name) for name in (*fields, "kind")) else READ


def _may_be(article: Article, key: Key) -> bool:
    """Whether the article has nothing that contradicts the key; unread values do not count."""
    places = article.is_weak(article.place_field) or article.place in (None, key.place)
    year = article.value("report_year")
    return places and (article.is_weak("report_year") or year in (None, key.report_year))


def _may_both_be(article: Article, own: Key, other: Key) -> bool:
    """Whether both keys agree on what the article did not read, as far as both have it."""
    places = own.place == other.place or not article.is_weak(article.place_field)
    unknown = None in (own.report_year, other.report_year)
    years = unknown or own.report_year == other.report_year
    return places and (years or not article.is_weak("report_year"))


def _strength(link: Link) -> tuple[int, int]:
    return link.shared, -link.other


def _are_rivals(votes: Sequence[tuple[Key, Link]]) -> bool:
    """Whether a second work of another place or year shares nearly as much."""
    (best, link), *others = votes
    return any(
        (key.place, key.report_year) != (best.place, best.report_year)
        and other.shared >= RIVAL * link.shared
        for key, other in others
    )


def _several(names: Iterator[str]) -> str:
    shown = ", ".join(list(names)[:3])
    return f"shares its text with several works ({shown}): formulas, or words of another year"


def _is_undated_report(article: Article) -> bool:
    return (
        article.place is not None
        and article.value("report_year") is None
        and article.value("kind") in kinds_with_works()
        and article.first.shape != MANY_REPORTS
    )


def _undated_key(article: Article, connected: Iterable[Article]) -> Key:
    kind, stage = article.value("kind"), article.value("stage") or "final"
    years = {year for each in connected if (year := each.value("report_year")) is not None}
    if len(years) == 1:
        return Key(str(article.place), int(years.pop()), str(kind), str(stage))
    saying = [each for each in connected if each.place is not None]
    mark = min(text.clean or str(text.text_id) for each in saying for text in each.texts)
    return Key(str(article.place), None, str(kind), str(stage), mark[:8])
