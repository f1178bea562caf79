"""Makes Datasette's own pages answer invalid URLs with 400 instead of 500.

They assume that `_size` is a number, that `_through` is JSON, and that a row's key fits into
SQLite. This module replaces Datasette's own plugin for errors, which prints each error with all
variables; errors of our pages are still printed.
"""

from __future__ import annotations

import sqlite3
import sys
from http import HTTPStatus
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any, Final

from datasette import hookimpl
from datasette.plugins import pm
from datasette.utils.asgi import Response
from datasette.views.base import DatasetteError

DEFAULT_HANDLER: Final = "datasette.handle_exception"

_OURS: Final = str(Path(__file__).parents[1])
_OF_ADDRESSES: Final = (
    ValueError, TypeError, LookupError, ArithmeticError, AttributeError, OSError, sqlite3.Error,
    RecursionError,
)  # fmt: skip

_replaced: list[ModuleType] = []


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """Return a sentence if the URL is at fault, otherwise Datasette's own answer."""
    return refusal(exception) or _replaced[0].handle_exception(datasette, request, exception)


def refusal(error: Exception) -> Response | None:
    """Return the answer if the URL is at fault."""
    if not is_fault_of_address(error):
        return None
    return Response.text("The URL has an invalid argument.", status=400)


def is_fault_of_address(error: BaseException) -> bool:
    """Whether Datasette's own code failed on an argument, without any code of ours."""
    if isinstance(error, DatasetteError):
        return bool(error.status == HTTPStatus.INTERNAL_SERVER_ERROR)  # it says so of any column
    return isinstance(error, _OF_ADDRESSES) and not any(
        _is_of_our_pages(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__)
    )


def _is_of_our_pages(file: str) -> bool:
    """Whether code belongs to our pages, rather than wrapping Datasette."""
    return file.startswith(_OURS) and Path(file).name not in _AROUND


_AROUND: Final = frozenset({"gate.py", "policy.py", "serving.py", "apart.py"})


def take_over() -> None:
    """Replace Datasette's plugin for errors in this process."""
    default_handler = pm.unregister(name=DEFAULT_HANDLER)
    if default_handler is not None:
        default_handler.rich = (
            None  # otherwise every refusal is printed with its variables, which takes a second
        )
        _replaced.append(default_handler)
        pm.register(sys.modules[__name__], name="baogao.failing")
