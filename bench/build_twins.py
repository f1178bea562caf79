"""Write the twins of five real scraped texts into tests/gold, with their gold (see practice.twins).

Usage: build_twins.py [FOLDER]  (default tests/gold)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from baogao_practice.twins import gold, twins


def main(folder: Path) -> None:
    """Write the twins and gold.json into `folder`."""
    (folder / "twins").mkdir(parents=True, exist_ok=True)
    for twin in twins():
        (folder / "twins" / f"{twin.name}.txt").write_text(twin.content(), "utf-8", newline="")
    facts = gold()
    shown = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    (folder / "gold.json").write_text(shown, "utf-8")
    for name, seed in facts["seeds"].items():
        print(name, seed["chars"], seed["summary"], len(seed["corrupted_spans"]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/gold"))
