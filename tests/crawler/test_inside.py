"""What the frontier sees of the engine is there, or the crawl does not begin."""

from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import NotConfigured

from crawler.engine_state import EngineInside


def engine(**slot):
    return SimpleNamespace(_slot=SimpleNamespace(**slot))


def test_a_request_is_held_until_the_engine_forgets_it():
    request, rung, held = Request("http://a.test/"), [], set()
    inside = EngineInside(
        engine(inprogress=held, nextcall=SimpleNamespace(schedule=lambda: rung.append(1)))
    )
    held.add(request)
    assert inside.holds(request)
    held.remove(request)
    assert not inside.holds(request)
    inside.wake()
    assert rung == [1]


@pytest.mark.parametrize("other", [SimpleNamespace(), engine(), engine(inprogress=set())])
def test_another_engine_is_reported_before_anything_is_fetched(other):
    with pytest.raises(NotConfigured, match=r"constraints\.txt"):
        EngineInside(other)
