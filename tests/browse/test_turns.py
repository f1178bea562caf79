"""Quick pages are not kept waiting by slow ones."""

import asyncio

import pytest

from archive.browse import turns
from archive.browse.turns import AT_ONCE, Cost, Turns


@pytest.fixture
def known():
    """Turns that know a quick page and a slow one."""
    found = Turns()
    found.took("/quick", 0.1)
    found.took("/slow", 9.0)
    return found


async def at_work(known, path, began, over):
    async with known.turn(path):
        began.append(path)
        await over.wait()


async def test_a_quick_page_has_its_turn_while_slow_ones_wait(known):
    began, over = [], asyncio.Event()
    tasks = [asyncio.create_task(at_work(known, "/slow", began, over)) for _ in range(20)]
    await asyncio.sleep(0)
    assert began == ["/slow"] * (AT_ONCE - 2)
    tasks += [asyncio.create_task(at_work(known, "/other", began, over)) for _ in range(20)]
    await asyncio.sleep(0)
    assert len(began) == AT_ONCE - 1
    tasks.append(asyncio.create_task(at_work(known, "/quick", began, over)))
    await asyncio.sleep(0)
    assert began[-1] == "/quick"
    over.set()
    await asyncio.gather(*tasks)
    assert len(began) == 41
    assert sum(known._at_work.values()) == 0


async def test_quick_ones_go_first_when_a_place_is_free(known):
    began, over = [], asyncio.Event()
    first = [asyncio.create_task(at_work(known, "/quick", began, over)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    more = [
        asyncio.create_task(at_work(known, path, began, over))
        for path in ("/slow", "/other", "/quick")
    ]
    await asyncio.sleep(0)
    assert len(began) == AT_ONCE
    over.set()
    await asyncio.gather(*first, *more)
    assert began[AT_ONCE:] == ["/quick", "/other", "/slow"]


async def test_a_reader_who_gives_up_waiting_takes_no_place(known):
    began, over = [], asyncio.Event()
    held = [asyncio.create_task(at_work(known, "/quick", began, over)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(at_work(known, "/quick", began, over)) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting[:3]:
        task.cancel()
    over.set()
    waiting[3].cancel()
    await asyncio.gather(*held, *waiting, return_exceptions=True)
    assert sum(known._at_work.values()) == 0
    assert not any(known._waiting.values())


def test_a_busy_hour_makes_no_page_slow(known, monkeypatch):
    known.took("/quick", 60.0)
    assert known.cost("/quick") is Cost.QUICK
    assert known.cost("/slow") is Cost.SLOW
    known.took("/slow", 0.5)
    assert known.cost("/slow") is Cost.QUICK
    assert known.cost("/never-asked") is Cost.UNKNOWN
    monkeypatch.setattr(turns, "PATHS_KNOWN", 2)
    known.took("/third", 1.0)
    assert len(known._seconds) == 2
