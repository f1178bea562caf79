"""How long a panel takes beside one pass of `str.count` over the same texts.

Reports of 10,000 characters are put together from own sentences; both ways run interleaved, three
rounds, and the medians are compared. `python bench/bench_panel.py [REPORTS] [TERMS]`.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable

from archive.catalogue.words import Counting, TermGroups

ROUNDS = 3
REPORT_CHARS = 10_000
SUBJECTS = ["全市", "我们", "各部门", "重点企业", "城乡居民", "县域经济", "现代农业", "服务业"]
VERBS = ["推动", "优化", "改善", "建成", "落实", "推进", "加快", "巩固", "提升", "完善"]
OBJECTS = [
    "高质量发展", "营商环境", "生态环境", "数字经济", "乡村振兴", "污染防治", "专精特新企业",
    "老旧小区改造", "义务教育", "基本医疗", "5G基站", "PM2.5浓度", "招商引资", "现代产业体系",
]  # fmt: skip
NUMBERS = ["12.5%", "30个", "8万亩", "200公里", "6.3亿元"]


def report(chance: random.Random) -> str:
    """A text of `REPORT_CHARS` characters; every sentence holds terms."""
    words: list[str] = []
    size = 0
    while size < REPORT_CHARS:
        sentence = (
            f"{chance.choice(SUBJECTS)}{chance.choice(VERBS)}{chance.choice(OBJECTS)},"
            f"完成{chance.choice(NUMBERS)},{chance.choice(VERBS)}{chance.choice(OBJECTS)}。\n"
        )
        words.append(sentence)
        size += len(sentence)
    return "".join(words)


def vocabulary(size: int) -> TermGroups:
    """At most `size` terms that stand in the texts."""
    made = dict.fromkeys(OBJECTS + SUBJECTS + VERBS)
    made |= dict.fromkeys(a + b for a in VERBS for b in OBJECTS)
    terms = list(made)[:size]
    return TermGroups({term: (term,) for term in terms})


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    reports, terms = (int(n) for n in (sys.argv[1:] + ["1000", "100"][len(sys.argv) - 1 :])[:2])
    chance = random.Random(20)
    words = vocabulary(terms)
    texts = [report(chance) for _ in range(reports)]
    exact, both = Counting(words, by_jieba=False), Counting(words)
    ways = {
        "str.count": lambda: [[text.count(term) for term in words.terms] for text in texts],
        "panel, exact": lambda: [exact.counts(text) for text in texts],
        "panel, exact and jieba": lambda: [both.counts(text) for text in texts],
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            seconds[name].append(timed(work))
    base = statistics.median(seconds["str.count"])
    print(f"{reports} reports of {REPORT_CHARS} characters, {len(words.terms)} terms")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(f"{name:24} {median:8.2f} s  {median / base:6.2f} x")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
