"""A reader of the archive that a command made, and a site file for a server on this machine."""

import sqlite3

import pytest

SITE = """\
title = "示范县人民政府"
kind = "official"
family = "list"
hosts = ["www.known.test"]
start = ["http://www.known.test:{port}/"]
loopback = true
place_code = "210381"
[politeness]
delay_s = 0.01
"""


@pytest.fixture
def query(tmp_path):
    """Rows of the archive that a command made."""

    def rows(sql, name="a.db"):
        connection = sqlite3.connect(tmp_path / name)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return rows


@pytest.fixture
def known_site(tmp_path):
    """Write the site file of www.known.test in a folder; gives the folder."""

    def write(port):
        folder = tmp_path / "sites"
        folder.mkdir(exist_ok=True)
        (folder / "known.toml").write_text(SITE.format(port=port), "utf-8")
        return folder

    return write
