"""Writes `archive/known/lexica/private_use.toml`: what GB18030 keeps in Unicode's private area.

    python bench/build_private_use.py

GBK had characters before Unicode had them, so they were given code points of the private use
area; old systems write those still. Where they belong today is given by Python's own GB18030
codec (the table of 2000) and by the amendments of 2005 and 2022, listed below.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[1] / "archive" / "known" / "lexica" / "private_use.toml"

ROWS = (
    (0xE76C, (0xA2E3,)),
    (0xE7C7, (0xA8BC,)),
    (0xE7C8, (0xA8BF,)),
    (0xE7E7, tuple(range(0xA989, 0xA996))),
    (0xE815, (*range(0xFE50, 0xFE7F), *range(0xFE80, 0xFEA1))),
)
"""The first private code point of a run, and the codes of GB18030 that the run stands for."""

AMENDED = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14,
    0xE792: 0xFE15, 0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19,
    0xE7C7: 0x1E3F, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4,
    0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8,
    0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
"""Code points that the amendments of 2005 and 2022 moved out of the private area."""


def pairs() -> Iterator[tuple[int, str]]:
    """Each private code point with the character that it stands for, in order."""
    found = {private: chr(public) for private, public in AMENDED.items()}
    for first, codes in ROWS:
        for private, code in enumerate(codes, first):
            character = code.to_bytes(2, "big").decode("gb18030")
            if private not in found:
                found[private] = character
    yield from sorted(found.items())


def main() -> None:
    """Write the table."""
    lines = [
        "# Written by bench/build_private_use.py: characters that GB18030 once kept in the",
        "# private use area of Unicode, and what they are today.",
        "",
        "[gb18030]",
    ]
    lines += [f'"{private:04X}" = "{character}"' for private, character in pairs()]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
