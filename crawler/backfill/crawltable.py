"""Selects pages from Common Crawl's columnar index: Parquet files, read by DuckDB.

The columns are those of the table `ccindex` as of 2026. Files of early crawls lack some; only those
that say where a record lies are required. DuckDB runs with the extensions that it contains: it
installs and loads no other, and reads no other file than those of the index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from archive import UsageError
from archive.extras import how_to_install
from crawler.backfill.crawlindex import IN_ARC, CrawlRow, is_called, read_row

if TYPE_CHECKING:
    import duckdb

ANOTHER_SUBSET: Final = "files of another subset"
ASKED_BEFORE: Final = "asked for before"
BEYOND_THE_LIMIT: Final = "beyond the limit"
EQUAL: Final = "equal to an earlier one"
OTHER_PARTS: Final = "in other parts"
TAKEN: Final = "taken"

MEMORY: Final = "512MB"
"""What DuckDB may use; it puts the rest into temporary files."""

_REQUIRED: Final = (
    "url",
    "fetch_time",
    "warc_filename",
    "warc_record_offset",
    "warc_record_length",
)
_AT_ONCE: Final = 2_000
"""Rows that are passed between DuckDB and us at a time."""

_PARTITION: Final = re.compile(r"(?:^|/)(crawl|subset)=([^/]+)(?=/)")


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What is wanted of an index; an empty field selects everything.

    Attributes:
        hosts: host names; `.gov.cn` is `gov.cn` and everything below it.
        paths: regular expressions (RE2), searched in what follows the host in the URL.
        mimes: strings that a content type contains.
        statuses: HTTP statuses.
        since, until: the time of the capture, up to 14 digits.
        limit: the most pages.
        part: a number, and of how many: only the WARC files of this part. The parts of all numbers
            are together what a query without a part selects.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    mimes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: str = ""
    until: str = "9"
    limit: int | None = None
    part: tuple[int, int] = (1, 1)


class Asked(NamedTuple):
    """A record that was requested before."""

    filename: str
    offset: int
    url: str
    digest: str


def need_duckdb() -> None:
    """Check that the columnar index can be read.

    Raises:
        UsageError: it cannot; the message says what to install.
    """
    if find_spec("duckdb") is None:
        raise UsageError(f"the columnar index needs duckdb: {how_to_install('columnar')}")


def index_files(given: Sequence[str], crawls: Sequence[str]) -> tuple[list[str], int]:
    """Return the Parquet files below some paths, sorted, and how many are of another subset.

    The names of folders such as `crawl=CC-MAIN-2024-10` and `subset=warc` select files, as in
    Common Crawl's own layout.

    Raises:
        UsageError: a path does not exist, or there is no file.
    """
    found: dict[str, None] = {}
    others = 0
    for path in map(Path, given):
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        for file in sorted(path.rglob("*.parquet")) if path.is_dir() else [path]:
            chosen = is_chosen(str(file), crawls)
            if chosen is None:
                others += 1
            elif chosen:
                found[str(file.absolute())] = None
    if not found:
        of = f" of {' or '.join(crawls)}" if crawls else ""
        raise UsageError(f"{', '.join(given)}: there is no Parquet file of the subset warc{of}")
    return list(found), others


def is_chosen(path: str, crawls: Sequence[str]) -> bool | None:
    """Whether a path or URL of an index file is of one of some crawls; None: of another subset."""
    found = dict(_PARTITION.findall(path))
    if not is_called(found.get("crawl", ""), crawls):
        return False
    return None if found.get("subset", "warc") != "warc" else True


def _database(files: Sequence[str], folder: Path) -> duckdb.DuckDBPyConnection:
    """Open DuckDB so that it reads these files only, and writes only temporary ones in `folder`."""
    import duckdb  # noqa: PLC0415  (an extra)

    sql = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False, "autoload_known_extensions": False,
            "allow_community_extensions": False, "memory_limit": MEMORY,
            "temp_directory": str(folder), "preserve_insertion_order": False,
        },
    )  # fmt: skip
    for setting in (
        "TimeZone = 'UTC'", f"allowed_paths = [{', '.join(map(_quoted, files))}]",
        "enable_external_access = false", "lock_configuration = true",
    ):  # fmt: skip
        sql.execute(f"SET {setting}")
    return sql


class IndexTable:
    """The rows of some index files that are on the wanted hosts, each with its fate.

    Use it as a context manager. `folder` is for temporary files.
    """

    def __init__(self, files: Sequence[str], query: TableQuery, folder: Path) -> None:
        import duckdb  # noqa: PLC0415  (an extra)

        self._error: type[Exception] = duckdb.Error
        self._query = query
        self._files = files
        self._sql = _database(files, folder)
        self._sql.execute(_TABLES)

    def __enter__(self) -> Self:
        """Return the table; it is read by `read`."""
        return self

    def __exit__(self, *_: object) -> None:
        """See `close`."""
        self.close()

    def close(self) -> None:
        """Free the memory and the temporary files of DuckDB; may be called twice."""
        self._sql.close()

    def forget(self, asked: Iterable[Asked]) -> None:
        """Leave out records that were asked for before, and pages that are equal to one of them."""
        rows = iter(asked)
        while some := list(islice(rows, _AT_ONCE)):
            self._sql.execute(_INSERT_ASKED, [list(column) for column in zip(*some, strict=True)])

    def read(self) -> None:
        """Read the files, and settle the fate of each row.

        Raises:
            UsageError: a file is damaged, or is no index.
        """
        for file in self._files:
            try:
                columns = self._columns(file)
                _check_columns(file, columns)
                self._sql.execute(
                    _selection(self._query, columns),
                    {"file": file, **_values(self._query, columns)},
                )
            except self._error as error:
                raise _unreadable(file, error) from None
        self._mark(_MARK_EQUAL, EQUAL)  # first, so that all parts agree on what is equal
        number, parts = self._query.part
        if parts > 1:
            self._mark(_MARK_OTHER_PARTS, OTHER_PARTS, number=number - 1, parts=parts)
        self._mark(_MARK_ASKED, ASKED_BEFORE)
        self._mark(_MARK_EQUAL_TO_ASKED, EQUAL)
        if self._query.limit is not None:
            self._mark(_MARK_BEYOND, BEYOND_THE_LIMIT, number=self._query.limit)

    def counts(self) -> Counter[str]:
        """Return how many rows have each fate."""
        return Counter(dict(self._sql.execute(_COUNTS).fetchall()))

    def rows(self) -> Iterator[CrawlRow | ValueError]:
        """Yield the rows to be fetched, in the order in which they lie in the files.

        Of a row that cannot be right, a sentence.
        """
        found = self._sql.execute(_ROWS, {"taken": TAKEN})
        while some := found.fetchmany(_AT_ONCE):
            for values in some:
                try:
                    yield read_row(dict(zip(_NAMES, values, strict=True)))
                except (ValueError, TypeError) as error:
                    yield ValueError(f"{values[0]!r:.200} at {values[6]!r:.200}: {error}")

    def _mark(self, statement: str, fate: str, **more: int) -> None:
        self._sql.execute(statement, {"fate": fate, "taken": TAKEN, **more})

    def _columns(self, file: str) -> set[str]:
        found = self._sql.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()
        return {name for name, *_ in found}


def needed_bytes(path: Path, query: TableQuery, folder: Path) -> list[tuple[int, int]]:
    """Return which bytes of a Parquet file a query reads, by its footer: from, and up to.

    Raises:
        UsageError: the footer is damaged, or the file is no index.
    """
    import duckdb  # noqa: PLC0415  (an extra)

    with _database([str(path)], folder) as sql:
        try:
            chunks = sql.execute(_CHUNKS, [str(path)]).fetchall()
        except duckdb.Error as error:
            raise _unreadable(str(path), error) from None
    _check_columns(str(path), {name for _, name, *_ in chunks})
    kept = {group for group, *_ in chunks}
    if query.hosts:
        lowest, highest = _surt_range(query.hosts)
        kept -= {
            group for group, name, least, most, *_ in chunks
            if name == "url_surtkey" and None not in (least, most)
            and (most < lowest or least >= highest)
        }  # fmt: skip
    return [
        (begin, begin + length)
        for group, name, _, _, begin, length in chunks
        if group in kept and name in _USED
    ]


def _check_columns(file: str, columns: set[str]) -> None:
    lacking = [name for name in _REQUIRED if name not in columns]
    if lacking:
        raise UsageError(
            f"{file}: not a file of the columnar index: the column {', '.join(lacking)} is missing"
        )


def _unreadable(file: str, error: Exception) -> UsageError:
    words = str(error).partition("\n")[0].removeprefix("Invalid Input Error: ")
    return UsageError(f"{file}: the index cannot be read: {words}")


def _surt_range(hosts: Iterable[str]) -> tuple[str, str]:
    """Return the range of `url_surtkey` that holds some hosts; DuckDB skips what lies outside.

    A key is the host from right to left, without a first `www.`: `cn,gov,anshan)/zfgzbg`.
    """
    keys = sorted(
        ",".join(reversed(re.sub(r"^www\d*\.", "", host.strip("."), flags=re.ASCII).split(".")))
        for host in hosts
    )
    return keys[0], max(keys) + LAST


LAST: Final = "\U0010ffff"
"""Sorts behind all other characters."""

_NAMES: Final = (
    "url", "timestamp", "status", "mime", "mime-detected", "digest", "filename", "offset", "length",
    "truncated",
)  # fmt: skip

_USED: Final = frozenset({
    *_REQUIRED, "url_surtkey", "url_host_name", "fetch_status", "content_digest",
    "content_mime_type", "content_mime_detected", "content_truncated",
})  # fmt: skip
"""The columns that `_selection` reads."""

_CHUNKS: Final = """
SELECT row_group_id, path_in_schema, stats_min_value, stats_max_value,
  least(coalesce(dictionary_page_offset, data_page_offset), data_page_offset), total_compressed_size
FROM parquet_metadata(?)
"""

_TABLES: Final = """
CREATE TABLE chosen (
  url TEXT, moment TEXT, status TEXT, mime TEXT, mime_detected TEXT, digest TEXT, filename TEXT,
  "offset" BIGINT, length BIGINT, truncated TEXT, fate TEXT
);
CREATE TABLE asked (filename TEXT, "offset" BIGINT, url TEXT, digest TEXT);
"""

_INSERT_ASKED: Final = "INSERT INTO asked SELECT unnest(?), unnest(?), unnest(?), unnest(?)"

_MARK_EQUAL: Final = """
UPDATE chosen SET fate = $fate WHERE fate = $taken AND rowid IN (
  SELECT number FROM (
    SELECT rowid AS number, row_number() OVER (
      PARTITION BY url,
        CASE WHEN digest IN ('', '-') THEN filename || '#' || "offset" ELSE digest END
      ORDER BY moment, filename, "offset"
    ) AS place FROM chosen WHERE fate = $taken
  ) WHERE place > 1
)
"""

_MARK_OTHER_PARTS: Final = """
UPDATE chosen SET fate = $fate WHERE fate = $taken
  AND CAST('0x' || left(md5(filename), 8) AS UBIGINT) % $parts <> $number
"""

_MARK_ASKED: Final = """
UPDATE chosen SET fate = $fate FROM asked WHERE fate = $taken
  AND chosen.filename = asked.filename AND chosen."offset" = asked."offset"
"""

_MARK_EQUAL_TO_ASKED: Final = """
UPDATE chosen SET fate = $fate FROM asked WHERE fate = $taken
  AND chosen.url = asked.url AND chosen.digest = asked.digest AND asked.digest NOT IN ('', '-')
"""

_MARK_BEYOND: Final = """
UPDATE chosen SET fate = $fate WHERE fate = $taken AND rowid NOT IN (
  SELECT rowid FROM chosen WHERE fate = $taken ORDER BY filename, "offset" LIMIT $number
)
"""

_COUNTS: Final = "SELECT fate, count(*) FROM chosen GROUP BY fate ORDER BY fate"

_ROWS: Final = """
SELECT url, moment, status, mime, mime_detected, digest, filename, "offset", length, truncated
FROM chosen WHERE fate = $taken ORDER BY filename, "offset"
"""


def _selection(query: TableQuery, columns: set[str]) -> str:
    """Return the statement that takes over the rows of one file that are on the wanted hosts."""
    host = (
        "lower(url_host_name)"
        if "url_host_name" in columns
        else "regexp_extract(lower(url), '^[a-z]+://(?:[^/?#@]*@)?([^/?#:]*)', 1)"
    )
    on_hosts = "true"
    if query.hosts:
        on_hosts = (
            f"len(list_filter($hosts, lambda one: {host} = ltrim(one, '.')"
            f" OR (one[1] = '.' AND ends_with({host}, one)))) > 0"
        )
        if "url_surtkey" in columns:
            on_hosts += " AND url_surtkey >= $lowest AND url_surtkey < $highest"
    moment = "strftime(CAST(fetch_time AS TIMESTAMP), '%Y%m%d%H%M%S')"
    status, mime, detected, digest, truncated = (
        f"coalesce(CAST({name} AS TEXT), '')" if name in columns else "''"
        for name in ("fetch_status", "content_mime_type", "content_mime_detected", "content_digest",
                     "content_truncated")
    )  # fmt: skip
    fates = [
        ("regexp_matches(warc_filename, '\\.arc(\\.gz)?$')", IN_ARC),
        (f"{moment} < $since OR left({moment}, len($until)) > $until", "of another time"),
    ]
    if query.statuses:
        fates.append((f"NOT list_contains($statuses, {status})", "of another status"))
    if query.mimes:
        is_of_type = f"contains(lower({mime}), one) OR contains(lower({detected}), one)"
        fates.append((f"len(list_filter($mimes, lambda one: {is_of_type})) = 0", "of another type"))
    if query.paths:
        behind = "regexp_replace(url, '^[A-Za-z]+://[^/?#]*', '')"
        is_below = f"regexp_matches({behind}, one)"
        fates.append((f"len(list_filter($paths, lambda one: {is_below})) = 0", "of another path"))
    fate = " ".join(f"WHEN {condition} THEN '{name}'" for condition, name in fates)
    # no value from outside is part of the statement: they are its parameters
    return f"""
    INSERT INTO chosen SELECT url, {moment}, {status}, {mime}, {detected}, {digest}, warc_filename,
      warc_record_offset, warc_record_length, {truncated}, CASE {fate} ELSE '{TAKEN}' END
    FROM read_parquet($file) WHERE {on_hosts}
    """  # noqa: S608


def _values(query: TableQuery, columns: set[str]) -> dict[str, Any]:
    """Return the parameters of `_selection`: exactly those that it names."""
    named = {
        "hosts": query.hosts, "paths": query.paths, "mimes": query.mimes,
        "statuses": query.statuses,
    }  # fmt: skip
    given: dict[str, Any] = {name: list(value) for name, value in named.items() if value}
    if query.hosts and "url_surtkey" in columns:
        given["lowest"], given["highest"] = _surt_range(query.hosts)
    return {**given, "since": query.since, "until": query.until}


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
