"""Python imports this module when it starts, if this folder is on PYTHONPATH: see `bench/reach.py`.

Processes that tests start, and their forks, write which lines they ran and for which test.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

FOLDER = os.environ.get("TRACED_FOLDER")


def traced():  # noqa: ANN201
    """Measure this process from here on; return the function that writes what it ran."""
    import coverage  # noqa: PLC0415  (only where it is asked for)

    folder = Path(FOLDER or "")
    of = (folder / "running").read_text("utf-8")
    files = (folder / "files").read_text("utf-8").split("\n")
    cover = coverage.Coverage(data_file=None, include=files, config_file=False)
    cover.start()

    def written() -> None:
        cover.stop()
        data = cover.get_data()
        lines = {file: data.lines(file) for file in data.measured_files()}
        (folder / f"{uuid4()}.json").write_text(json.dumps({"of": of, "lines": lines}), "utf-8")

    return written


if FOLDER:
    if not any("forkserver" in word for word in sys.orig_argv):  # its forks are measured, it is not
        atexit.register(traced())
    began = BaseProcess._bootstrap  # noqa: SLF001  (what a fork runs first)

    def bootstrap(self, *arguments, **keywords):  # noqa: ANN001, ANN002, ANN003, ANN201
        """Run a fork, measured."""
        written = traced()
        try:
            return began(self, *arguments, **keywords)
        finally:
            written()

    BaseProcess._bootstrap = bootstrap  # noqa: SLF001
