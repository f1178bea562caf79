"""Answers: shared by those who ask at once, renewed soon, stopped when they take too long."""

import asyncio

import pytest

from archive.browse import web
from archive.browse.web import Answer, Lately


async def test_many_who_ask_at_once_wait_for_one_answer():
    made = []

    async def make():
        await asyncio.sleep(0.02)
        made.append(1)
        return Answer("answer")

    kept = Lately()
    answers = await asyncio.gather(*(kept.answer("page", make) for _ in range(50)))
    assert {answer.body for answer in answers} == {"answer"}
    assert len(made) == 1


async def test_an_answer_is_made_again_when_it_is_old(monkeypatch):
    monkeypatch.setattr(web, "FRESH_S", -1.0)
    made = []

    async def make():
        made.append(1)
        return Answer("answer")

    kept = Lately()
    await kept.answer("page", make)
    await kept.answer("page", make)
    assert len(made) == 2


async def test_a_failure_is_not_kept_and_a_reader_who_leaves_harms_nobody():
    kept = Lately()

    async def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await kept.answer("page", fail)

    async def slow():
        await asyncio.sleep(0.05)
        return Answer("late")

    leaving = asyncio.ensure_future(kept.answer("page", slow))
    staying = asyncio.ensure_future(kept.answer("page", slow))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert (await staying).body == "late"


async def test_no_more_answers_are_kept_than_fit():
    kept = Lately()

    async def make():
        return Answer("answer")

    for number in range(200):
        await kept.answer(number, make)
    assert len(kept._kept) == web.ANSWERS_KEPT


async def test_a_page_that_takes_too_long_is_stopped_with_a_sentence(get, monkeypatch):
    monkeypatch.setattr(web, "TIME_LIMIT_S", -1.0)
    monkeypatch.setattr(web, "STEPS", 1)
    response = await get("/?lang=en")
    assert response.status_code == 503
    assert "took too long" in response.text
