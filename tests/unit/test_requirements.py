"""What the code imports is pinned, and what is pinned directly has its reason written down."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"scheduling", "notifications", "app", "tests", "benchmarks", "wsgi"}


def plain(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Distribution to version, of every pin in a requirements file."""
    lines = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    found = [re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", line) for line in lines]
    return {plain(pin[1]): pin[2] for pin in found if pin}


def directly_needed() -> list[str]:
    """The pins under the heading that begins with "Direct" in requirements.txt."""
    heading, _, rest = (ROOT / "requirements.txt").read_text(encoding="utf-8").partition("# Direct")
    assert heading
    return [plain(re.split(r"[\[=]", line)[0]) for line in rest.split("\n\n")[0].splitlines()[1:]]


def imported_by(folders: list[str]) -> set[str]:
    """Top-level names that the files of these folders import, without the standard library's and our own."""
    found: set[str] = set()
    for path in [path for folder in folders for path in (ROOT / folder).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - OURS


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (["scheduling", "notifications", "app"], ["requirements.txt"]),
        (["tests"], ["requirements.txt", "tests/requirements.txt"]),
    ],
    ids=["the portal", "the tests"],
)
def test_everything_that_is_imported_is_pinned(folders, files):
    pinned = {name for file in files for name in pins(ROOT / file)}
    sources = packages_distributions()

    missing = {
        module
        for module in imported_by(folders)
        if not {plain(name) for name in sources.get(module, [])} & pinned
    }

    assert missing == set()


@pytest.mark.parametrize("file", ["requirements.txt", "tests/requirements.txt"])
def test_every_line_is_an_exact_pin(file):
    lines = [line.strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    asked = [line for line in lines if line and not line.startswith(("#", "-r"))]

    assert len(asked) == len(pins(ROOT / file))


def test_every_direct_dependency_has_its_reason_in_the_documentation():
    rows = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    explained = {plain(name) for row in rows for name in re.findall(r"^\| `([\w.-]+)` \|", row)}

    assert set(directly_needed()) - explained == set()
    assert len(directly_needed()) > 10
