"""`baogao learn`: updates the figures of the genre from the archive's own official works."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Console, print_json, quiet_option
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.read.shapes import SiteTemplate
    from archive.store import Archive

LEAST_TEXTS = 2
"""Text counts from which something is typical of the genre; one text proves nothing."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("folder", type=click.Path(file_okay=False))
@quiet_option
def learn(db: str, folder: str, *, quiet: bool) -> None:
    """Learn what the official works of DB have in common and write it as knowledge to FOLDER.

    \b
    Learns only from whole texts of official sites without doubts, and stores only counts: which
    characters occur together, and what fills a slot of a sentence. They are added to the shipped
    figures. For each site it also learns the usual container of its articles and the lines that
    most of its pages repeat, as votes for locating the article. DB is not changed. Apply the result
    with rederive --knowledge.
    Example: baogao learn reports.db my-knowledge
    """
    from archive.export.files import new_folder
    from archive.read.site_templates import write_templates
    from archive.store import Archive

    console = Console(quiet=quiet)
    with new_folder(Path(folder)) as made:
        with Archive.open(db, read_only=True) as archive:
            texts = list(console.progress(official_texts(archive), "texts"))
            templates = site_templates(archive)
        if len(texts) < LEAST_TEXTS:
            raise UsageError(
                f"{db}: has {len(texts)} whole official texts, and figures need {LEAST_TEXTS}; "
                "crawl official sites first"
            )
        learnt = write_knowledge(texts, made)
        write_templates(templates, made / "lexica" / "sites.toml")
    print_json({"texts": len(texts), **learnt, "sites": len(templates)})
    console.say(f"next: baogao rederive {db} --knowledge {folder}")


def official_texts(archive: Archive) -> list[str]:
    """Yield the clean texts of whole reports on official sites, without duplicates."""
    from archive.known.kinds import REPORT
    from archive.store.text_details import exemplary

    return [archive.clean_text(text_id) for text_id in exemplary(archive.connection, REPORT)]


def site_templates(archive: Archive) -> dict[str, SiteTemplate]:
    """Return what the pages of each site share: the container of its articles, repeated lines."""
    from archive.known import shipped
    from archive.read.site_templates import learn_templates

    return learn_templates((c for _, c in archive.captures(with_payload=True)), shipped())


def write_knowledge(texts: list[str], folder: Path) -> dict[str, int]:
    """Write the shipped knowledge with the figures of `texts` added.

    Returns how much was learnt.
    """
    from archive.known import shipped
    from archive.known.figures import save_figures
    from archive.known.learning import count_grams, learn_slots, place_names

    known = shipped()
    import shutil

    shutil.copytree(
        known.folder,
        folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("*.py", "*.pyc", "__pycache__"),
    )
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
