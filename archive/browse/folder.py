"""A folder of archives in the browser: one page that shows all, one search, and each archive's own.

The pages of an archive are below the name of its file, such as `/13.db/`. A name without its ending
would be that of a database of Datasette, too, and ambiguous in its URLs.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from weakref import finalize

from datasette.utils.asgi import Request, Response

from archive.browse.behind_proxy import BaseUrl
from archive.browse.columns import columns
from archive.browse.finding import find_csv, find_page
from archive.browse.gate import Gate
from archive.browse.limits import HEAP_BYTES, limit, watch
from archive.browse.policy import METHODS, Application, refuse_method
from archive.browse.rendering import ASSETS, asset
from archive.browse.serving import guarded_application
from archive.browse.web import (
    FOREVER,
    Answer,
    Asked,
    Download,
    Handler,
    Lately,
    answered,
    asked_below,
    download,
    responded,
)
from archive.catalogue.coverage import GOOD_OUTCOMES
from archive.catalogue.figures import figures
from archive.errors import BaogaoError
from archive.known import shipped
from archive.store import holdings as rows
from archive.store import pages
from archive.store.collection import Collection, archives_at, open_within
from archive.store.connection import limit_heap
from archive.store.together import Connections, Readable

SHARES: Final = 4
"""The steps by which a cell of the table is shaded."""


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """What the page says of one archive: its name, the name of its province if it has one, counts.

    `first` and `last` are the first and last year of its reports, `seen` is the last capture.
    """

    name: str
    province: str
    works: int
    places: int
    copies: int
    unassigned: int
    captures: int
    failures: int
    first: int | None
    last: int | None
    seen: str | None


@dataclass(frozen=True, slots=True)
class ProvinceLine:
    """One province: the number of reports of it and of the places within, by year.

    `archive` is the name of the archive that has most of them.
    """

    code: str
    name: str
    archive: str
    counted: Mapping[int, int]


@dataclass(frozen=True)
class AskedOfFolder(Asked):
    """A request that is answered from all archives of a folder."""

    collection: Collection | None = None

    @property
    def connections(self) -> Connections:
        """The connections of the archives, by the names of their files."""
        assert self.collection is not None  # noqa: S101  (the thread that answers sets it)
        return self.collection.connections

    @property
    def readable(self) -> Readable:
        """All archives."""
        return self.connections

    @property
    def of_folder(self) -> bool:
        """Return true."""
        return True


def folder_page(asked: Asked) -> Answer:
    """`/`: what each archive has, and reports by province and year."""
    lines = [_line(name, asked) for name in asked.connections]
    provinces = list(_provinces(asked.connections))
    years = columns({year for province in provinces for year in province.counted})
    most = max((n for province in provinces for n in province.counted.values()), default=1)
    return asked.page(
        "folder.html",
        lines=lines,
        provinces=provinces,
        years=years,
        sums=_sums(asked.connections, lines),
        last=max((line.seen for line in lines if line.seen), default=None),
        share=lambda n: -(-SHARES * n // most),
    )


def _sums(connections: Connections, lines: Sequence[ArchiveLine]) -> dict[str, int]:
    """Return the figures of all archives; a place that several have counts as in the largest."""
    works: dict[str, int] = {}
    for connection in connections.values():
        for tally in rows.tallies(connection):
            works[tally.place_key] = max(works.get(tally.place_key, 0), tally.works)
    added = ("copies", "unassigned", "captures", "failures")
    return {
        "works": sum(works.values()),
        "places": len(works),
        **{name: sum(getattr(line, name) for line in lines) for name in added},
    }


def _line(name: str, asked: Asked) -> ArchiveLine:
    connection = asked.connections[name]
    counted, found, years = rows.totals(connection), figures(connection), rows.years(connection)
    outcomes = pages.outcomes(connection)
    stem = Path(name).stem
    division = shipped().gazetteer.division(f"{stem}0000") if len(stem) == 2 else None  # noqa: PLR2004
    return ArchiveLine(
        name=name,
        province=division.name if division else "",
        works=counted["works"],
        places=counted["places"],
        copies=found.copies,
        unassigned=found.unassigned,
        captures=sum(outcomes.values()),
        failures=sum(n for outcome, n in outcomes.items() if outcome not in GOOD_OUTCOMES),
        first=years.start if years else None,
        last=years.stop - 1 if years else None,
        seen=pages.last_recorded_at(connection),
    )


def _provinces(connections: Connections) -> Iterator[ProvinceLine]:
    """Yield the provinces with reports; of one in several archives, the numbers of the largest."""
    counted: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for name, connection in connections.items():
        own = [one for one in rows.census(connection, "") if one[0].endswith("0000")]
        for code, year, works in (*rows.census_of_provinces(connection, ""), *own):
            counted[code][name][year] += works
    for code, by_archive in sorted(counted.items()):
        name, most = max(by_archive.items(), key=lambda each: each[1].total())
        division = shipped().gazetteer.division(code)
        yield ProvinceLine(code, division.name if division else code, name, most)


class _Reader:
    """Answers from all archives of a folder, in one thread, which keeps them open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="folder")
        self._stack = ExitStack()
        self._collection: Collection | None = None
        self._files: list[tuple[str, int]] = []
        self.close = finalize(self, _close, self._thread, self._stack)

    async def answer(self, handler: Handler, asked: AskedOfFolder) -> Answer:
        """Return the answer of `handler`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._answer, handler, asked)

    def _answer(self, handler: Handler, asked: AskedOfFolder) -> Answer:
        try:
            collection = self._opened()
        except BaogaoError as error:
            return asked.page("message.html", status=500, says=str(error), heading="error.broken")
        return answered(handler, replace(asked, collection=collection))

    def _opened(self) -> Collection:
        """Open the archives, again if one was added, removed or replaced."""
        files = [(file.name, file.stat().st_ino) for file in archives_at(self._folder)]
        if self._collection is None or files != self._files:
            self._collection = None
            self._stack.close()
            self._collection = open_within(self._stack, self._folder)
            for connection in self._collection.connections.values():
                limit_heap(connection, HEAP_BYTES)
                limit(connection)
            self._files = files
        return self._collection


def _close(thread: ThreadPoolExecutor, stack: ExitStack) -> None:
    """Close the archives in the thread that opened them.

    It is not waited for: the collector of garbage may call this in that thread.
    """
    with suppress(RuntimeError):  # the interpreter ends, and has ended the thread
        thread.submit(stack.close)
    thread.shutdown(wait=False)


class _Folder:
    """Routes a request to the pages of the folder, or to those of an archive in it."""

    def __init__(
        self, folder: Path, base: BaseUrl, of_archive: Callable[[Path, str], Application]
    ) -> None:
        self._folder = folder
        self._base = base.prefix
        self._of_archive = of_archive
        self._applications: dict[str, Application] = {}
        self._reader = _Reader(folder)
        self._lately = Lately()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        if scope["method"] not in METHODS:
            await refuse_method(send)
            return
        name, slash, rest = scope["path"][1:].partition("/")
        file = self._folder / name
        if slash and file in _files(self._folder):
            inside = {**scope, "path": f"/{rest}"}
            if scope.get("raw_path"):
                raw = scope["raw_path"].partition(b"/")[2].partition(b"/")[2]
                inside["raw_path"] = b"/" + raw
            await self._application(file)(inside, receive, send)
            return
        request = Request(scope, receive)
        response = await self._own(request, name, f"{name}{slash}{rest}")
        await response.asgi_send(send)

    async def _live(self, receive: Any, send: Any) -> None:
        """Tell the server that there is nothing to prepare; close the archives at its end."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._reader.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def _application(self, file: Path) -> Application:
        if file.name not in self._applications:
            base = f"{self._base}{quote(file.name)}/"
            self._applications[file.name] = self._of_archive(file, base)
        return self._applications[file.name]

    async def _own(self, request: Request, name: str, path: str) -> Response | Download:
        """Answer with a page of the folder."""
        asked = asked_below(AskedOfFolder, request, self._base)
        if path.startswith("-/baogao/"):
            return responded(_asset(path.rpartition("/")[2], asked), request)
        if name == path and self._folder / name in _files(self._folder):
            return Response.redirect(f"{self._base}{quote(name)}/")
        handler = _PAGES.get(path)
        if handler is None:
            return responded(_nothing(asked), request)

        async def piece(begins: int | None) -> Answer:
            return await self._reader.answer(handler, replace(asked, begins=begins))

        if path.endswith(".csv"):
            return download(await piece(None), piece, asked, request, self)
        key = (request.full_path, asked.language, asked.origin)
        return responded(await self._lately.answer(key, lambda: piece(None)), request)


_PAGES: Final[Mapping[str, Handler]] = {
    "": folder_page, "find": find_page, "find.csv": find_csv,
}  # fmt: skip


def _files(folder: Path) -> Sequence[Path]:
    try:
        return archives_at(folder)
    except BaogaoError:
        return ()


def _nothing(asked: Asked) -> Answer:
    return asked.page("message.html", status=404, says=asked.words("error.no_address"))


def _asset(name: str, asked: Asked) -> Answer:
    if name not in ASSETS:
        return _nothing(asked)
    return Answer(asset(name), ASSETS[name], headers=FOREVER)


def folder_application(
    folder: Path,
    hosts: Iterable[str],
    *,
    public: bool = False,
    sql: bool = False,
    base_url: str = "",
) -> Application:
    """Return the ASGI application that serves the archives of a folder.

    The arguments are those of `guarded_application`, which answers for each archive.
    """
    watch.limit_memory()
    base = BaseUrl(base_url or "http://127.0.0.1/")
    answering = [*hosts, base.host]

    def of_archive(file: Path, prefix: str) -> Application:
        url = f"{base.scheme}://{base.host}{prefix}"
        return guarded_application(
            file, answering, public=public, sql=sql, base_url=url, above=base.prefix
        )

    pages_of_folder = _Folder(folder, base, of_archive)
    return base.around(Gate(pages_of_folder, answering, internals=not public))
