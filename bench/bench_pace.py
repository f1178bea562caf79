"""What does it cost the pace that a late answer puts off the next request?

    python bench/bench_pace.py

Simulates a host that is asked once a second, and whose answers take 0.3 s in the median, spread
log-normally. One request of a hundred is held up on its way for a quarter of a second. Printed:
requests a second, and the closest two as the host sees them, with `crawler.pace` and with a delay
that counts from the last request only.
"""

from __future__ import annotations

import random
from itertools import pairwise
from math import log

from crawler.pace import Pace

REQUESTS = 20_000
MEDIAN_S = 0.3
ON_THE_WAY_S = 0.02
HELD_UP, HELD_UP_S = 0.01, 0.25


class Clock:
    """A clock that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def crawl(spread: float, *, told: bool) -> tuple[float, float, int]:
    """Return requests a second, the closest two, and how many are closer than 0.9 s."""
    dice, clock = random.Random(7), Clock()
    pace, came = Pace(clock), []
    for _ in range(REQUESTS):
        clock.now_s += max(pace.wait_s("x", 1.0), 0.0)
        pace.written("x")
        late_s = HELD_UP_S if dice.random() < HELD_UP else 0.0
        came.append(clock.now_s + ON_THE_WAY_S + late_s)
        clock.now_s += late_s + 2 * ON_THE_WAY_S + dice.lognormvariate(log(MEDIAN_S), spread)
        if told:
            pace.answered("x")
    gaps = [later - earlier for earlier, later in pairwise(came)]
    return len(gaps) / (came[-1] - came[0]), min(gaps), sum(gap < 0.9 for gap in gaps)


def main() -> None:
    """Measure and print."""
    print("spread  requests/s  closest  closer than 0.9 s | from the last request only")
    for spread in (0.0, 0.1, 0.2, 0.4, 0.8):
        figures = [crawl(spread, told=told) for told in (True, False)]
        shown = (f"{rate:10.2f} {gap:8.2f} s {near:9}" for rate, gap, near in figures)
        print(f"{spread:6}  {' | '.join(shown)}")


if __name__ == "__main__":
    main()
