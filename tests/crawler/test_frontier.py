"""Conformance of a frontier: what every implementation must do, run on two of them."""

from itertools import count

import pytest

from archive import Archive, clock
from crawler.frontier import Entry, FrontierRow, Leased, SqliteFrontier

T0, T1, T2, T3 = (f"2026-01-01T00:00:0{n}.000Z" for n in range(4))


def entry(number, host="a.test", site="s", callback="parse_report"):
    url = f"http://{host}/{number}"
    return Entry(site, host, url, f"{site} {host} {number}", f'{{"callback":"{callback}"}}')


class ListFrontier:
    """The plainest thing that keeps the promises: a list of dictionaries."""

    def __init__(self):
        self.rows_kept = []
        self.numbers = count(1)

    def add(self, entry, now):
        if self._known(entry) is None:
            self.rows_kept.append({"entry": entry, "due": now, "failures": 0, "outcome": None})
            self.rows_kept[-1] |= {
                "id": len(self.rows_kept),
                "state": "pending",
                "token": None,
                "at": now,
            }

    def requeue(self, entry, now):
        self.add(entry, now)
        self._known(entry).update(entry=entry, state="pending", token=None, due=now, at=now)

    def lease(self, site, host, n, now, holder):
        due = [r for r in self._of(site, host, "pending") if r["due"] <= now]
        leased = []
        for row in sorted(due, key=lambda r: (r["due"], r["id"]))[:n]:
            row.update(state="leased", token=f"{holder}/{next(self.numbers)}", at=now)
            e = row["entry"]
            leased.append(
                Leased(row["id"], row["token"], e.host, e.url, e.fingerprint, e.request_json,
                       row["failures"], row["outcome"])
            )  # fmt: skip
        return leased

    def ack(self, leased, outcome, now, capture_id=None):
        self._settle(leased, state="done", outcome=outcome, due=now, at=now)

    def fail(self, leased, outcome, now, due_at, capture_id=None):
        failures = leased.attempts + 1
        state = "failed" if due_at is None else "pending"
        due = due_at or now
        self._settle(leased, state=state, outcome=outcome, due=due, at=now, failures=failures)

    def give_back(self, leased, now):
        self._settle(leased, state="pending", outcome="lost", at=now)

    def release_expired(self, site, host, holder, now):
        lost = [
            r for r in self._of(site, host, "leased") if not r["token"].startswith(f"{holder}/")
        ]
        for row in lost:
            row.update(state="pending", token=None, outcome="lost", at=now)
        return len(lost)

    def renew(self, site, now, before):
        due = [
            r for r in self.rows_kept
            if r["entry"].site == site and (r["state"] == "failed" or (
                r["state"] == "done"
                and (r["at"] <= before or r["entry"].request_json == '{"callback":"parse"}')
            ))
        ]  # fmt: skip
        for row in due:
            row.update(state="pending", failures=0, due=now, at=now)
        return len(due)

    def hosts(self, site):
        states = {"pending", "leased"}
        rows = [r for r in self.rows_kept if r["entry"].site == site and r["state"] in states]
        return sorted({r["entry"].host for r in rows})

    def next_due(self, site, host):
        return min((r["due"] for r in self._of(site, host, "pending")), default=None)

    def pending(self, site):
        return sum(
            r["entry"].site == site and r["state"] in {"pending", "leased"} for r in self.rows_kept
        )

    def leased(self, site):
        return sum(r["entry"].site == site and r["state"] == "leased" for r in self.rows_kept)

    def known_articles(self, site):
        return sum(
            r["entry"].site == site and r["state"] == "done"
            and r["outcome"] in {"ok", "unchanged"}
            and r["entry"].request_json != '{"callback":"parse"}'
            for r in self.rows_kept
        )  # fmt: skip

    def rows(self, site):
        for row in self.rows_kept:
            e = row["entry"]
            if e.site == site:
                state, outcome, at = row["state"], row["outcome"], row["at"]
                yield FrontierRow(e.url, e.fingerprint, e.request_json, state, outcome, at)

    def sites(self):
        return sorted({row["entry"].site for row in self.rows_kept})

    def _of(self, site, host, state):
        return [
            r for r in self.rows_kept
            if (r["entry"].site, r["entry"].host, r["state"]) == (site, host, state)
        ]  # fmt: skip

    def _known(self, entry):
        rows = [r for r in self.rows_kept if r["entry"].fingerprint == entry.fingerprint]
        return rows[0] if rows else None

    def _settle(self, leased, **changes):
        row = self.rows_kept[leased.id - 1]
        if row["token"] == leased.token:
            row.update(changes, token=None)


@pytest.fixture(params=["sqlite", "list"])
def frontier(request, tmp_path):
    if request.param == "list":
        yield ListFrontier()
        return
    with Archive.open(tmp_path / "a.db", create=True) as archive, archive.transaction():
        yield SqliteFrontier(archive)


def urls(leased):
    return [one.url.rpartition("/")[2] for one in leased]


def test_rows_are_leased_oldest_first_and_once(frontier):
    for number in range(5):
        frontier.add(entry(number), T0)
    assert urls(frontier.lease("s", "a.test", 3, T1, "me")) == ["0", "1", "2"]
    assert urls(frontier.lease("s", "a.test", 3, T1, "me")) == ["3", "4"]
    assert frontier.lease("s", "a.test", 3, T1, "me") == []
    assert frontier.pending("s") == 5
    assert frontier.leased("s") == 5
    assert frontier.leased("other") == 0


def test_hosts_and_sites_are_kept_apart(frontier):
    frontier.add(entry(1), T0)
    frontier.add(entry(2, host="b.test"), T0)
    frontier.add(entry(3, site="other"), T0)
    assert frontier.hosts("s") == ["a.test", "b.test"]
    assert urls(frontier.lease("s", "b.test", 9, T1, "me")) == ["2"]
    assert frontier.hosts("s") == ["a.test", "b.test"], "leased rows count as well"
    assert frontier.hosts("nobody") == []


def test_every_row_of_a_site_says_what_came_of_it(frontier):
    for number in range(4):
        frontier.add(entry(number), T0)
    frontier.add(entry(9, site="other"), T0)
    assert frontier.sites() == ["other", "s"]
    good, bad, _ = frontier.lease("s", "a.test", 3, T1, "me")
    frontier.ack(good, "ok", T2)
    frontier.fail(bad, "gone", T3, None)
    rows = list(frontier.rows("s"))
    assert [row.fingerprint for row in rows] == [f"s a.test {number}" for number in range(4)]
    assert [(row.state, row.outcome, row.changed_at) for row in rows] == [
        ("done", "ok", T2), ("failed", "gone", T3), ("leased", None, T1), ("pending", None, T0),
    ]  # fmt: skip
    assert rows[0].url == "http://a.test/0"
    assert rows[0].request == {"callback": "parse_report"}


def test_what_is_known_is_not_added_again(frontier):
    frontier.add(entry(1), T0)
    frontier.add(entry(1), T1)
    (leased,) = frontier.lease("s", "a.test", 9, T1, "me")
    frontier.ack(leased, "ok", T1)
    frontier.add(entry(1), T2)
    assert frontier.lease("s", "a.test", 9, T3, "me") == []
    assert frontier.pending("s") == 0


def test_a_failure_is_due_again_and_counts(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    frontier.fail(leased, "timeout", T1, T2)
    assert frontier.next_due("s", "a.test") == T2
    assert frontier.lease("s", "a.test", 9, T1, "me") == []
    (again,) = frontier.lease("s", "a.test", 9, T2, "me")
    assert (again.attempts, again.outcome) == (1, "timeout")
    frontier.fail(again, "timeout", T2, None)
    assert frontier.next_due("s", "a.test") is None
    assert frontier.pending("s") == 0


def test_what_is_due_later_does_not_hold_up_the_rest(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    frontier.fail(leased, "timeout", T0, T3)
    frontier.add(entry(2), T1)
    assert urls(frontier.lease("s", "a.test", 9, T2, "me")) == ["2"]


def test_what_is_given_back_is_leased_again_without_a_failure(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    frontier.give_back(leased, T1)
    (again,) = frontier.lease("s", "a.test", 9, T1, "me")
    assert (again.attempts, again.outcome) == (0, "lost")


def test_leases_of_others_are_released_and_ours_are_not(frontier):
    for number in range(4):
        frontier.add(entry(number), T0)
    lost = frontier.lease("s", "a.test", 2, T0, "dead")
    ours = frontier.lease("s", "a.test", 1, T0, "me")
    assert frontier.release_expired("s", "a.test", "me", T1) == 2
    assert frontier.release_expired("s", "a.test", "me", T1) == 0
    again = frontier.lease("s", "a.test", 9, T1, "me")
    assert sorted(urls(again)) == ["0", "1", "3"]
    assert {one.outcome for one in again} == {"lost", None}
    frontier.ack(lost[0], "ok", T2)
    frontier.fail(lost[1], "timeout", T2, None)
    assert frontier.pending("s") == 4, "a token that no longer fits settles nothing"
    for leased in [*ours, *again]:
        frontier.ack(leased, "ok", T2)
    assert frontier.pending("s") == 0


def test_a_row_that_is_queued_again_outlives_its_old_token(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    moved = Entry("s", "a.test", "https://a.test/1", leased.fingerprint, "{}")
    frontier.requeue(moved, T1)
    frontier.ack(leased, "redirect", T1)
    (again,) = frontier.lease("s", "a.test", 9, T1, "me")
    assert (again.url, again.id) == ("https://a.test/1", leased.id)
    frontier.ack(again, "ok", T2)
    assert frontier.pending("s") == 0


def test_a_row_that_moves_to_another_host_is_leased_there(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    moved = Entry("s", "www.a.test", "http://www.a.test/1", leased.fingerprint, "{}")
    frontier.requeue(moved, T1)
    assert frontier.lease("s", "a.test", 9, T1, "me") == []
    (again,) = frontier.lease("s", "www.a.test", 9, T1, "me")
    assert again.host == "www.a.test"


def test_requeue_adds_what_is_not_there(frontier):
    frontier.requeue(entry(1), T0)
    assert urls(frontier.lease("s", "a.test", 9, T0, "me")) == ["1"]


def test_a_new_round_asks_lists_again_and_articles_when_they_are_old(frontier):
    frontier.add(entry(1, callback="parse"), T0)
    frontier.add(entry(2), T0)
    frontier.add(entry(3), T0)
    frontier.add(entry(4, site="other", callback="parse"), T0)
    for site in ("s", "other"):
        for index, leased in enumerate(frontier.lease(site, "a.test", 9, T0, "me")):
            frontier.ack(leased, "ok", (T2, T0, T2)[index])
    assert frontier.renew("s", T3, T1) == 2
    again = frontier.lease("s", "a.test", 9, T3, "me")
    assert sorted(urls(again)) == ["1", "2"]
    assert {(one.attempts, one.outcome) for one in again} == {(0, "ok")}
    assert frontier.pending("other") == 0


def test_articles_that_were_got_are_known(frontier):
    frontier.add(entry(1, callback="parse"), T0)
    for number in range(2, 6):
        frontier.add(entry(number, callback="parse_report"), T0)
    outcomes = ("ok", "ok", "unchanged", "gone")
    for leased, outcome in zip(frontier.lease("s", "a.test", 4, T0, "me"), outcomes, strict=True):
        frontier.ack(leased, outcome, T1)
    assert frontier.known_articles("s") == 2
    assert frontier.known_articles("other") == 0


def test_a_new_round_tries_failures_again(frontier):
    frontier.add(entry(1), T0)
    (leased,) = frontier.lease("s", "a.test", 9, T0, "me")
    frontier.fail(leased, "timeout", T2, None)
    assert frontier.renew("s", T3, T0) == 1
    (again,) = frontier.lease("s", "a.test", 9, T3, "me")
    assert again.attempts == 0


def test_the_clock_has_the_form_of_the_archive():
    assert len(clock.now()) == len(T0)
    assert clock.now() < clock.now(60)
