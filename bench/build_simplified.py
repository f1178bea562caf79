"""Build the table that folds traditional characters to simplified ones, one to one.

Needs `OpenCC` 1.4.2 from PyPI (Apache-2.0), which the program itself does not use:

    python bench/build_simplified.py archive/collate/simplified.txt

Each line holds a traditional character and the simplified one that OpenCC's `t2s` gives for
it alone. The table serves comparison keys only; nothing that is stored is ever converted.
"""

from __future__ import annotations

import sys
from pathlib import Path

_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2EBE0))


def main() -> None:
    """Convert every ideograph by itself and keep the pairs that differ."""
    import opencc  # noqa: PLC0415  (only this script needs it)

    convert = opencc.OpenCC("t2s").convert
    pairs = [
        f"{character}{simple}"
        for first, last in _IDEOGRAPHS
        for character in map(chr, range(first, last + 1))
        if len(simple := convert(character)) == 1 and simple != character
    ]
    Path(sys.argv[1]).write_text("\n".join(pairs) + "\n", encoding="utf-8")
    print(f"{len(pairs)} pairs")


if __name__ == "__main__":
    main()
