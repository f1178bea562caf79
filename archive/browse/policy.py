"""A Content-Security-Policy for Datasette's own pages about an archive.

Their inline scripts are few and fixed: those of the installed Datasette are allowed by hash, so
that a script in archived text never runs, whatever a template fails to escape.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

Message = dict[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]

METHODS: Final = frozenset({"GET", "HEAD"})

_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PER_PAGE: Final = ("DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;")
"""The only inline script with a variable value, which has two."""


@lru_cache(maxsize=1)
def stock_policy() -> str:
    """Return the policy: scripts by hash, styles inline (some contain column names)."""
    scripts = " ".join(f"'sha256-{_hash(script)}'" for script in sorted(set(_inline_scripts())))
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    )


def guarded(application: Application, prefixes: Iterable[str]) -> Application:
    """Return `application` with the policy on every HTML page below one of `prefixes`.

    Methods other than GET and HEAD are refused.
    """
    below = tuple(prefixes)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not _is_below(scope["path"], below):
            await application(scope, receive, send)
            return
        if scope["method"] not in METHODS:
            await refuse_method(send)
            return

        async def send_guarded(message: Message) -> None:
            await send(_with_policy(message))

        await application(scope, receive, send_guarded)

    return answer


async def refuse_method(send: Any) -> None:
    """Answer that an archive is read-only."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", b"GET, HEAD")]
    status = int(HTTPStatus.METHOD_NOT_ALLOWED)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(
        {"type": "http.response.body", "body": b"This archive is only read: GET and HEAD.\n"}
    )


def _with_policy(message: Message) -> Message:
    if message["type"] != "http.response.start":
        return message
    headers = list(message.get("headers", []))
    names = {name.lower(): value for name, value in headers}
    if b"content-security-policy" in names:
        return message
    headers.append((b"x-content-type-options", b"nosniff"))
    headers.append((b"referrer-policy", b"no-referrer"))
    if names.get(b"content-type", b"").startswith(b"text/html"):
        headers.append((b"content-security-policy", stock_policy().encode()))
    return {**message, "headers": headers}


def _is_below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(
        path == prefix or path.startswith((f"{prefix}/", f"{prefix}.")) for prefix in prefixes
    )


def _inline_scripts() -> Iterable[str]:
    yield from _PER_PAGE
    for template in files("datasette").joinpath("templates").iterdir():
        if template.name.endswith(".html"):
            yield from (
                script
                for script in _INLINE.findall(template.read_text(encoding="utf-8"))
                if "{{" not in script and "{%" not in script
            )


def _hash(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()
