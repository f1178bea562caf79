"""What a release promises: typed packages, one version, a workflow that runs the same script."""

import re
import tomllib
from importlib.metadata import version

import archive


def test_the_packages_say_that_they_are_typed(pytestconfig):
    built = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text(encoding="utf-8"))
    for package in built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (pytestconfig.rootpath / package / "py.typed").exists(), package


def test_the_version_stands_in_one_place(pytestconfig, baogao):
    text = (pytestconfig.rootpath / "pyproject.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)["project"]["version"]
    assert version("baogao") == said
    assert baogao("--version").stdout.decode().split()[-1] == said
    for package in ("archive", "crawler", "baogao_practice"):
        for path in (pytestconfig.rootpath / package).glob("*.py"):
            assert "__version__ =" not in path.read_text(encoding="utf-8"), path


def test_public_names_exist(pytestconfig):
    page = (pytestconfig.rootpath / "docs/stability.md").read_text(encoding="utf-8")
    named = re.findall(r"^- `archive\.(\w+)`: ", page, re.MULTILINE)
    assert len(named) > 5
    assert set(named) <= set(archive.__all__)


def test_the_workflow_runs_the_script_on_every_supported_python(pytestconfig):
    root = pytestconfig.rootpath
    workflow = (root / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert ".ci/run" in workflow
    tested = re.findall(r'"(3\.\d+)"', workflow)
    stability = (root / "docs/stability.md").read_text(encoding="utf-8")
    assert tested == re.findall(r"\b3\.1\d\b", stability)
    built = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert built["project"]["requires-python"] == f">={tested[0]}"
    classifiers = built["project"]["classifiers"]
    for one in tested:
        assert f"Programming Language :: Python :: {one}" in classifiers
