"""What Datasette's own pages answer to an address that asks for what cannot be: 400, not 500.

They trust that `_size` is a number, that `_through` is JSON, that a row's key fits into SQLite. The
module takes the place of Datasette's own plugin for errors, which prints each fault with all its
variables; faults of the pages themselves are still printed.
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

STOCK: Final = "datasette.handle_exception"

_OURS: Final = str(Path(__file__).parents[1])
_OF_ADDRESSES: Final = (
    ValueError, TypeError, LookupError, ArithmeticError, AttributeError, OSError, sqlite3.Error,
    RecursionError,
)  # fmt: skip

_stock: list[ModuleType] = []


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """A sentence where the address is at fault; else what Datasette itself says."""
    return refusal(exception) or _stock[0].handle_exception(datasette, request, exception)


def refusal(error: Exception) -> Response | None:
    """The answer where the address is at fault."""
    if not is_fault_of_address(error):
        return None
    return Response.text("The URL has an invalid argument.", status=400)


def is_fault_of_address(error: BaseException) -> bool:
    """Whether Datasette's own code stumbled over an argument, and none of ours took part."""
    if isinstance(error, DatasetteError):
        return bool(error.status == HTTPStatus.INTERNAL_SERVER_ERROR)  # it says so of any column
    return isinstance(error, _OF_ADDRESSES) and not any(
        _is_of_our_pages(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__)
    )


def _is_of_our_pages(file: str) -> bool:
    """Whether code is ours, and does not merely stand around Datasette."""
    return file.startswith(_OURS) and Path(file).name not in _AROUND


_AROUND: Final = frozenset({"gate.py", "policy.py", "serving.py", "apart.py"})


def take_over() -> None:
    """Answer for errors in the place of Datasette's plugin, in this process."""
    stock = pm.unregister(name=STOCK)
    if stock is not None:
        stock.rich = None  # else every refusal is printed with its variables, which takes a second
        _stock.append(stock)
        pm.register(sys.modules[__name__], name="baogao.failing")
