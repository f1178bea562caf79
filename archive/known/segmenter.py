"""jieba without its shared cache, and the digest of its dictionary.

jieba keeps a marshalled dictionary in the common temporary folder and trusts its author. A
dictionary built in memory takes half a second and needs no trust.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from archive.model import canonical_json, sha256

if TYPE_CHECKING:
    from jieba import Tokenizer


def segmenter(words: Iterable[str] = (), *, alone: bool = False) -> Tokenizer:
    """Return a separate jieba tokenizer with `words` added to the shipped dictionary.

    Args:
        words: terms that are segmented as one word if jieba finds that likeliest.
        alone: the process needs no other one, so no copy of the dictionary is kept (40 MB).
    """
    from jieba import Tokenizer  # noqa: PLC0415  (half a second and 60 MB: only when asked for)

    made = Tokenizer()
    if alone:
        made.FREQ, made.total = _shipped.__wrapped__()
    else:
        made.FREQ, made.total = (dict(_shipped()[0]), _shipped()[1])
    made.initialized = True
    for word in words:
        made.add_word(word)
    return made


def segmenter_digest(words: Iterable[str] = ()) -> str:
    """Return the digest of jieba's version, its dictionary and the added `words`, in any order."""
    return sha256(
        canonical_json([version("jieba"), _dictionary_digest(), sorted(set(words))]).encode()
    )


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, int], int]:
    from jieba import Tokenizer  # noqa: PLC0415

    maker = Tokenizer()
    frequencies, total = maker.gen_pfdict(maker.get_dict_file())
    return frequencies, total


@lru_cache(maxsize=1)
def _dictionary_digest() -> str:
    """Return the digest of the shipped dictionary; jieba itself is not imported for it."""
    package = find_spec("jieba")
    folder = Path(str(package and package.origin)).parent
    return sha256((folder / "dict.txt").read_bytes())
