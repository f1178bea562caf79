"""Store the results of the stages for invented texts (tests/gold/results.json); print differences.

python bench/renew_results.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from gold.stored_results import (  # noqa: E402  (the paths must be set first)
    STORED,
    groups,
    lacks_a_version,
    results,
)
from gold.test_works import collated, results_of  # noqa: E402

from archive.derivation import STAGES  # noqa: E402


def main() -> None:
    """Make, compare, write."""
    found = {group: results(group) for group in groups()}
    with tempfile.TemporaryDirectory() as folder, collated(Path(folder)) as archive:
        found["works"] = results_of(archive)
    found = {"stages": dict(STAGES), **json.loads(json.dumps(found, ensure_ascii=False))}
    stored = json.loads(STORED.read_text("utf-8")) if STORED.is_file() else {}
    for group in found | stored:
        before, now = stored.get(group, {}), found.get(group, {})
        for name in before | now:
            if before.get(name) != now.get(name):
                print(name, *differences(before.get(name), now.get(name)), sep="\n  ")
    if "stages" in stored and lacks_a_version(stored, found):
        sys.exit(
            "nothing was stored: raise the version of a stage in archive.derivation.STAGES first"
        )
    STORED.write_text(as_lines(found), "utf-8")


def differences(before: object, now: object) -> list[str]:
    """The keys whose values are not the same, with both; both alone where they have no keys."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return [f"{before} → {now}"]
    return [
        f"{key}: {before.get(key)} → {now.get(key)}"
        for key in before | now
        if before.get(key) != now.get(key)
    ]


def as_lines(found: dict) -> str:
    """JSON with one text a line, which is what a reviewer can read."""
    shown = {
        group: ",\n".join(
            f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}"
            for name, one in texts.items()
        )
        for group, texts in found.items()
    }
    blocks = (f' "{group}": {{\n{texts}\n }}' for group, texts in shown.items())
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    main()
