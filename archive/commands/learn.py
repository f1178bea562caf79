"""`baogao learn`: renew the figures of the genre from the archive's own official works."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Console, print_json, quiet_option
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.read.shapes import Habits
    from archive.store import Archive

LEAST_TEXTS = 2
"""What stands in one text alone is no figure of the genre."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("folder", type=click.Path(file_okay=False))
@quiet_option
def learn(db: str, folder: str, *, quiet: bool) -> None:
    """Learn what the official works of DB have in common and write it as knowledge to FOLDER.

    \b
    Only whole texts of official sites without a doubt are learnt from, and only counts are kept:
    which characters stand together, and what fills a slot of a sentence. They are added to the
    figures that are shipped. Of each site, the usual container of its articles and the lines that
    most of its pages repeat are learnt too, as votes for locating. DB is not changed; use what
    was learnt with rederive --knowledge.
    Example: baogao learn reports.db my-knowledge
    """
    from archive.read.site_habits import write_habits
    from archive.store import Archive

    console = Console(quiet=quiet)
    if Path(folder).exists() and any(Path(folder).iterdir()):
        raise UsageError(f"{folder}: is there already and not empty; name a new folder")
    with Archive.open(db, read_only=True) as archive:
        texts = list(console.progress(official_texts(archive), "texts"))
        habits = site_habits(archive)
    if len(texts) < LEAST_TEXTS:
        raise UsageError(
            f"{db}: has {len(texts)} whole official texts, and figures need {LEAST_TEXTS}; "
            "crawl official sites first"
        )
    learnt = write_knowledge(texts, Path(folder))
    write_habits(habits, Path(folder) / "lexica" / "sites.toml")
    print_json({"texts": len(texts), **learnt, "sites": len(habits)})
    console.say(f"next: baogao rederive {db} --knowledge {folder}")


def official_texts(archive: Archive) -> list[str]:
    """The clean texts of whole reports on official sites, each wording once."""
    from archive.known.kinds import REPORT
    from archive.store.text_details import exemplary

    return [archive.clean_text(text_id) for text_id in exemplary(archive.connection, REPORT)]


def site_habits(archive: Archive) -> dict[str, Habits]:
    """What the pages of each site share: the container of its articles, repeated lines."""
    from archive.known import shipped
    from archive.read.site_habits import learn_habits

    return learn_habits((c for _, c in archive.captures(with_payload=True)), shipped())


def write_knowledge(texts: list[str], folder: Path) -> dict[str, int]:
    """Write the shipped knowledge with the figures of `texts` added; how much was learnt."""
    from archive.known import shipped
    from archive.known.figures import save_figures
    from archive.known.learning import count_grams, learn_slots, place_names

    known = shipped()
    shutil.copytree(known.folder, folder, dirs_exist_ok=True, ignore=_code)
    pairs = Counter({pair: 2**level for pair, level in known.figures.pairs.items()})
    pairs.update(count_grams(texts, 2, 2))
    words = known.lexicon("slots")["words"]
    learnt = learn_slots(
        texts, words if isinstance(words, list) else (), place_names(known.gazetteer)
    )
    slots = {**known.figures.slots, **{(slot.left, slot.right): slot for slot in learnt}}
    rows = (slots[key] for key in sorted(slots))
    save_figures(folder / "figures", pairs, rows, known.figures.beside)
    return {
        "new_pairs": len(pairs) - len(known.figures.pairs),
        "new_slots": len(slots) - len(known.figures.slots),
    }


def _code(folder: str, names: list[str]) -> list[str]:
    del folder
    return [name for name in names if name.endswith((".py", ".pyc")) or name == "__pycache__"]
