"""What an operator says once: the file `baogao.toml`, or environment variables `BAOGAO_*`.

An option of a command wins over the environment, the environment over the file, and the file over
the default. Without `--config`, the file is `baogao.toml` in the current folder, if there is one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from archive.alert_rules import AlertRule, read_rules
from archive.errors import UsageError
from archive.toml_file import TomlTable, read_toml
from archive.urls import is_web_address

FILE_NAME: Final = "baogao.toml"
PREFIX: Final = "BAOGAO_"
CONFIG_VARIABLE: Final = "BAOGAO_CONFIG"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the file, what it is for, and its default.

    `kind` is text, texts, url, file, folder, folders, count, port or secret. `check` returns what
    is wrong with a value, or None.
    """

    key: str
    kind: str
    purpose: str
    default: Any = ""
    check: Callable[[Any], str | None] = lambda _: None

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.key.upper().replace(".", "_")


@dataclass(frozen=True, slots=True)
class SaidValue:
    """The value of a setting, and where it was said: a variable, a file, or nowhere."""

    value: Any
    source: str = DEFAULT


def fault_of_url(value: str) -> str | None:
    """Return what is wrong with a URL; an empty one is none."""
    usable = not value or is_web_address(value)
    return None if usable else f"{value!r} is not an http or https URL"


def _fault_of_agent(value: str) -> str | None:
    """Return why a User-Agent would not tell a site who asks, and on whose behalf."""
    if "baogao" not in value.lower() or "{contact}" not in value:
        return "must contain baogao and {contact}, so that a site can see who asks"
    if re.search(r"[{}]", re.sub(r"\{(?:version|contact)\}", "", value)):
        return "may contain {version} and {contact}, and no other braces"
    return None


def _fault_of_proxy(value: str) -> str | None:
    if value and not value.startswith("http://"):
        return "must begin with http://; pages with https go through it by CONNECT"
    if "@" in value:
        return "must not contain a password; let the proxy know this machine by its address"
    return fault_of_url(value)


def _fault_of_security(value: str) -> str | None:
    return None if value in {"starttls", "tls", "none"} else "must be starttls, tls or none"


_BUDGETS: Final = {
    "addresses": "new URLs that a run takes up for each host",
    "requests": "requests that a run sends to each host",
    "depth": "list pages that are followed one after the other",
}
"""Limits of a crawl that may be set for all sites; 0 leaves the limit of the crawler."""

SETTINGS: Final = (
    Setting("contact", "text", "your e-mail address or URL, sent to every site that is asked"),
    Setting(
        "user_agent", "text", "how the crawler names itself",
        "baogao/{version} (+{contact})", _fault_of_agent,
    ),
    Setting("proxy", "url", "the proxy through which sites are asked", "", _fault_of_proxy),
    Setting("sites_dirs", "folders", "folders of additional site files", ()),
    Setting("mail.server", "text", "the server that takes the mail of alerts"),
    Setting("mail.port", "port", "its port", 587),
    Setting("mail.security", "text", "starttls, tls or none", "starttls", _fault_of_security),
    Setting("mail.user", "text", "the user to log in as"),
    Setting("mail.password", "secret", "the password of that user"),
    Setting("mail.sender", "text", "the sender of the mail, an e-mail address"),
    Setting("serve.host", "text", "the address on which baogao serve listens", "127.0.0.1"),
    Setting("serve.port", "port", "the port on which it listens", 8001),
    Setting("serve.allow_hosts", "texts", "further host names to which it answers", ()),
    Setting(
        "serve.base_url", "url", "where visitors find the server of baogao serve", "", fault_of_url
    ),
    Setting("backups", "folder", "the folder in which baogao backup makes copies"),
    *(
        Setting(f"limits.{key}", "count", f"{purpose}, unless its site file says otherwise", 0)
        for key, purpose in _BUDGETS.items()
    ),
    Setting("dsn", "secret", "the PostgreSQL database of baogao work, enqueue and queue"),
    Setting("shards", "folder", "the folder of the archives that baogao work writes"),
    Setting("cache", "folder", "the folder of files that can be made again"),
    Setting("tsa", "url", "the time-stamping authority of baogao stamp", "", fault_of_url),
    Setting("calendar", "url", "the OpenTimestamps calendar of stamp", "", fault_of_url),
    Setting("tsa_root", "file", "root certificates (PEM) that head and verify trust"),
)  # fmt: skip

BY_KEY: Final = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings with their sources, and the rules for alerts.

    `file` is the file that was read, if any.
    """

    file: Path | None = None
    values: Mapping[str, SaidValue] = field(
        default_factory=lambda: {each.key: SaidValue(each.default) for each in SETTINGS}
    )
    alerts: tuple[AlertRule, ...] = ()

    def __getitem__(self, key: str) -> Any:
        """Return the value of a setting."""
        return self.values[key].value

    def budgets(self) -> dict[str, int]:
        """Return the limits of a crawl that are set for all sites."""
        return {key: said for key in _BUDGETS if (said := self[f"limits.{key}"])}

    def user_agent(self) -> str:
        """Return the User-Agent with the version filled in; `{contact}` is left for the crawler."""
        from importlib.metadata import version  # noqa: PLC0415  (10 ms, not for --help)

        return str(self["user_agent"]).replace("{version}", version("baogao"))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each setting with value, source, variable and purpose; a password is masked."""
        for setting in SETTINGS:
            found = self.values[setting.key]
            yield {
                "key": setting.key, "value": _shown(setting, found.value), "source": found.source,
                "variable": setting.variable, "purpose": setting.purpose,
            }  # fmt: skip
        for rule in self.alerts:
            yield {
                "key": f"alerts: {rule.name}", "value": rule.shown(), "source": str(self.file),
                "variable": "", "purpose": "a rule for alerts",
            }  # fmt: skip


def load(named: str | Path | None, environment: Mapping[str, str] | None = None) -> Configuration:
    """Read the file and the environment.

    Args:
        named: the file, which must exist; if None, `BAOGAO_CONFIG`, or `baogao.toml` here.
        environment: the variables; those of the process if None.

    Raises:
        DataFileError: the file cannot be read, or a key or value in it is wrong.
        UsageError: a variable is wrong.
    """
    variables = os.environ if environment is None else environment
    path = _file(named or variables.get(CONFIG_VARIABLE))
    values = {each.key: SaidValue(each.default) for each in SETTINGS}
    alerts: tuple[AlertRule, ...] = ()
    if path is not None:
        _, top = read_toml(path, str(path))
        values.update(_of_file(top, path.parent))
        alerts = read_rules(top)
    values.update(_of_environment(variables))
    return Configuration(path, values, alerts)


_in_use: list[Configuration] = []


@contextmanager
def using(named: str | Path | None) -> Iterator[None]:
    """Use the settings of a file, as `load` reads them, for the time of a command."""
    before = _in_use[:]
    _in_use[:] = [load(named)]
    try:
        yield
    finally:
        _in_use[:] = before


def current() -> Configuration:
    """Return the settings of the running command; outside of one they are read, as by `load`."""
    return _in_use[0] if _in_use else load(None)


def _file(named: str | Path | None) -> Path | None:
    if named:
        return Path(named)
    here = Path(FILE_NAME)
    return here if here.exists() or here.is_symlink() else None


def _of_file(top: TomlTable, home: Path) -> Iterator[tuple[str, SaidValue]]:
    tables = sorted({key.rpartition(".")[0] for key in BY_KEY} - {""})
    names = [key for key in BY_KEY if "." not in key] + [*tables, "alerts"]
    top.refuse_unknown(names, [key.rpartition(".")[2] for key in BY_KEY])
    for name in ("", *tables):
        table = top.table(name) if name else top
        inside = [each for each in SETTINGS if each.key.rpartition(".")[0] == name]
        if name:
            table.refuse_unknown([each.key.rpartition(".")[2] for each in inside], names)
        for setting in inside:
            key = setting.key.rpartition(".")[2]
            if key in table.document:
                yield setting.key, SaidValue(_read(table, key, setting, home), top.shown)


def _read(table: TomlTable, key: str, setting: Setting, home: Path) -> Any:
    """Return a value of the file; its paths start from the folder of the file."""
    if setting.kind in _NUMBERS:
        value: Any = table.whole(key, None)
    elif setting.kind in _LISTS:
        value = table.strings(key)
    else:
        value = table.string(key)
    if why := _fault(setting, value):
        raise table.wrong(key, why)
    if setting.kind == "folders":
        return tuple(str(home / each) for each in value)
    return str(home / value) if setting.kind in _PATHS and value else value


_LISTS: Final = {"folders": os.pathsep, "texts": ","}
"""Kinds of several values, and what separates them in a variable."""

_PATHS: Final = ("file", "folder")

_NUMBERS: Final = {"port": 65_535, "count": 1_000_000_000}
"""Kinds of numbers, with the largest that is accepted."""


def _of_environment(variables: Mapping[str, str]) -> Iterator[tuple[str, SaidValue]]:
    known = {each.variable: each for each in SETTINGS}
    for name, words in sorted(variables.items()):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        if name not in known:
            _refuse_misspelt(name, [*known, CONFIG_VARIABLE])
            continue
        yield known[name].key, SaidValue(_read_words(known[name], words), name)


def unknown_variables(variables: Mapping[str, str]) -> list[str]:
    """Return variables with our prefix that are no setting; other programs may use them."""
    known = {CONFIG_VARIABLE, *(each.variable for each in SETTINGS)}
    return sorted(name for name in variables if name.startswith(PREFIX) and name not in known)


def _refuse_misspelt(name: str, known: list[str]) -> None:
    rest = {each.removeprefix(PREFIX): each for each in known}
    near = get_close_matches(name.removeprefix(PREFIX), list(rest), 1, _MISSPELT)
    if near:
        raise UsageError(f"unknown environment variable {name} (did you mean {rest[near[0]]}?)")


_MISSPELT: Final = 0.75
"""The similarity from which a variable counts as misspelt, and not as somebody else's."""


def _read_words(setting: Setting, words: str) -> Any:
    """Return a value of the environment."""
    value: Any = words
    if setting.kind in _NUMBERS:
        value = int(words) if words.isascii() and words.isdecimal() else -1
    elif setting.kind in _LISTS:
        value = tuple(filter(None, (each.strip() for each in words.split(_LISTS[setting.kind]))))
    if why := _fault(setting, value):
        raise UsageError(f"{setting.variable}: {why}")
    return value


def _fault(setting: Setting, value: Any) -> str | None:
    """Return what is wrong with a value, or None."""
    most = _NUMBERS.get(setting.kind)
    if most is not None and not 0 <= value <= most:
        return f"must be a whole number from 0 to {most}"
    if any(not each.isprintable() for each in _texts(value)):
        return "must be one line without control characters"
    return setting.check(value)


def _texts(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _shown(setting: Setting, value: Any) -> str:
    if setting.kind == "secret" and value:
        return "(set, not shown)"
    return " ".join(_texts(value))


def cache_folder() -> Path:
    """Return the folder for files that can be made again: the user's own, unless one is named."""
    if chosen := current()["cache"]:
        return Path(chosen)
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "baogao"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "baogao"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/baogao"
    return Path.home() / ".cache/baogao"
