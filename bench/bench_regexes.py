"""Every regular expression of code and rules on its worst input: does its time at most double?

    python bench/bench_regexes.py [SHARE]

`SHARE` 10 measures every tenth. Prints those whose time grows more than 2.5 times when their input
is twice as long, and ends with 1 if there is one.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from hostile.regexes import RATIO, WINDOWS, measured, patterns  # noqa: E402


def main(share: int) -> int:
    """Measure and print."""
    chosen, wrong, worst = patterns()[::share], 0, 0.0
    for pattern in chosen:
        found = measured(pattern)
        worst = max(worst, found.seconds)
        if found.ratio > RATIO:
            wrong += 1
            shown = f"{found.ratio:.1f} times, {found.seconds:.2f} s at {2 * found.length:,}"
            print(f"{pattern.where}: {shown}: {pattern.pattern[:70]}", flush=True)
    print(f"{len(chosen)} patterns, {wrong} of them not linear, the slowest {worst:.2f} s;")
    print(f"not measured, because they never see a long text of others: {', '.join(WINDOWS)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int((*sys.argv[1:], "1")[0])))
