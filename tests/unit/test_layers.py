"""Who may import whom: the table of the house, as data, against every import in every file.

Also keeps suppliers' libraries to the rooms that may know them, and the present moment out of everything below `app/`.
Changing a rule here is changing the architecture: the table in the documentation changes with it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("scheduling", "notifications", "app")

GROUND = {"scheduling.db", "scheduling.clock", "scheduling.errors"}
PURE = {"scheduling.rules", "scheduling.calendars", "scheduling.links"}
ROOMS_OF_SCHEDULING = {"scheduling.models", "scheduling.reads", "scheduling.actions", "scheduling.suppliers"}

# From a room to the rooms it may import; every room may import itself. The longest name that fits a module is its room.
MAY_IMPORT: dict[str, set[str]] = {
    "scheduling": set(),
    "scheduling.db": set(),
    "scheduling.clock": set(),
    "scheduling.errors": set(),
    "scheduling.rules": {"scheduling.clock", "scheduling.errors"},
    "scheduling.calendars": {"scheduling.clock", "scheduling.errors", "scheduling.rules"},
    "scheduling.links": {"scheduling.clock", "scheduling.errors", "scheduling.rules"},
    "scheduling.models": {"scheduling.db", "scheduling.clock"},
    "scheduling.reads": GROUND | PURE | {"scheduling.models"},
    "scheduling.actions": GROUND | PURE | {"scheduling.models", "scheduling.reads"},
    "scheduling.suppliers": {"scheduling.errors"},
    "notifications": GROUND | PURE | ROOMS_OF_SCHEDULING | {"scheduling", "notifications.providers"},
    "notifications.providers": set(),
    "app": GROUND | PURE | ROOMS_OF_SCHEDULING | {"scheduling", "notifications", "notifications.providers"},
}

# Libraries, and the only rooms that may import them.
WEB = {"flask", "flask_login", "flask_wtf", "werkzeug", "wtforms", "click", "gunicorn", "granian", "honcho"}
NETWORK = {"requests", "urllib3", "urllib.request", "http.client", "socket", "aiohttp"}
ONLY_IN: dict[str, set[str]] = {
    **{library: {"app"} for library in WEB | {"alembic", "dotenv", "argon2"}},
    **{library: {"notifications.providers"} for library in ("twilio", "smtplib")},
    **{library: {"scheduling.suppliers", "notifications.providers", "app"} for library in NETWORK},
    "geopy.geocoders": {"scheduling.suppliers"},
    "sqlalchemy": {
        "scheduling.db",
        "scheduling.models",
        "scheduling.reads",
        "scheduling.actions",
        "notifications",
        "app",
    },
}

# Calls that read the clock. `work.now` is handed in, and no call.
PRESENT_MOMENT = {"now", "utcnow", "today", "current_timestamp"}
TIME_FUNCTIONS = {"time", "time_ns", "localtime", "gmtime"}


def room_of(module: str) -> str:
    """The room of the house that a module stands in."""
    return max((room for room in MAY_IMPORT if f"{module}.".startswith(f"{room}.")), key=len)


def imports_of(tree: ast.AST, is_module: set[str]) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                # What is not one of our modules is a name in one, or a library's business.
                is_ours = full.startswith(tuple(f"{package}." for package in PACKAGES))
                yield node.lineno, full if not is_ours or full in is_module else str(node.module)


def wrong_steps(module: str, source: str, modules: set[str]) -> list[str]:
    """Everything in the source of `module` that the table forbids, a line for each; empty when all is well."""
    room, tree = room_of(module), ast.parse(source)
    wrong = []
    for line, imported in imports_of(tree, modules):
        if imported.split(".")[0] == "tests":
            wrong.append(f"{module}:{line} imports the tests")
        if imported.split(".")[0] in PACKAGES and room_of(imported) not in MAY_IMPORT[room] | {room}:
            wrong.append(f"{module}:{line} imports {imported}")
        for library, rooms in ONLY_IN.items():
            if f"{imported}.".startswith(f"{library}.") and room not in rooms:
                wrong.append(f"{module}:{line} imports {library}")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            wrong.append(f"{module}:{node.lineno} imports by a relative name")
        if isinstance(node, ast.Call) and room != "app" and _reads_the_clock(node.func):
            wrong.append(f"{module}:{node.lineno} reads the clock: {ast.unparse(node.func)}")
        if isinstance(node, ast.ImportFrom) and node.module == "time" and room != "app":
            wrong += [
                f"{module}:{node.lineno} reads the clock" for a in node.names if a.name in TIME_FUNCTIONS
            ]
    return wrong


def _reads_the_clock(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute):
        return False
    of_time = (
        isinstance(called.value, ast.Name) and called.value.id == "time" and called.attr in TIME_FUNCTIONS
    )
    return called.attr in PRESENT_MOMENT or of_time


def circle_in(arrows: dict[str, set[str]]) -> list[str]:
    """One circle of imports, first module repeated at the end; empty if there is none."""
    finished: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in finished:
            return []
        for imported in sorted(arrows.get(module, set())):
            circle = walk(imported, [*path, module])
            if circle:
                return circle
        finished.add(module)
        return []

    return next((circle for module in sorted(arrows) if (circle := walk(module, []))), [])


def _files() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


FILES = _files()


@pytest.mark.parametrize("module", FILES)
def test_a_file_imports_only_what_the_table_of_the_house_allows(module):
    source = FILES[module].read_text(encoding="utf-8")

    wrong = wrong_steps(module, source, set(FILES))

    assert wrong == []


def test_imports_go_in_no_circle():
    arrows = {}
    for module, path in FILES.items():
        # An import inside a function is how a circle would be hidden, so it counts like any other.
        imported = {name for _, name in imports_of(ast.parse(path.read_text(encoding="utf-8")), set(FILES))}
        arrows[module] = imported & set(FILES) - {module}

    assert circle_in(arrows) == []


@pytest.mark.parametrize(
    ("module", "source", "forbidden"),
    [
        ("scheduling.rules.policy", "from scheduling.models import Window", "imports scheduling.models"),
        ("scheduling.rules.policy", "import sqlalchemy.orm", "imports sqlalchemy"),
        ("scheduling.rules.policy", "from scheduling import db", "imports scheduling.db"),
        (
            "scheduling.reads.offer",
            "from scheduling.actions.visits import book",
            "imports scheduling.actions.visits",
        ),
        ("scheduling.models.visit", "import scheduling.reads.offer", "imports scheduling.reads.offer"),
        ("scheduling.actions.visits", "import notifications.announce", "imports notifications.announce"),
        ("scheduling.actions.visits", "from flask import g", "imports flask"),
        ("scheduling.actions.visits", "def f():\n    import flask_login", "imports flask_login"),
        ("scheduling.actions.visits", "from urllib import request", "imports urllib.request"),
        ("scheduling.suppliers.geocoder", "from scheduling.models import Area", "imports scheduling.models"),
        ("notifications.relay", "from app.work import carry_out", "imports app.work"),
        ("notifications.relay", "import smtplib", "imports smtplib"),
        ("notifications.providers.smtp", "from scheduling import errors", "imports scheduling.errors"),
        (
            "notifications.providers.smtp",
            "from notifications.models import Message",
            "imports notifications.models",
        ),
        ("app.hooks", "from twilio.rest import Client", "imports twilio"),
        ("scheduling.clock", "from datetime import datetime\ndatetime.now()", "reads the clock"),
        ("scheduling.rules.policy", "import datetime as d\nd.date.today()", "reads the clock"),
        ("notifications.relay", "import time\ntime.time()", "reads the clock"),
        ("notifications.relay", "from time import time\ntime()", "reads the clock"),
        ("scheduling.models.visit", "from sqlalchemy import func\nfunc.now()", "reads the clock"),
        ("scheduling.rules.policy", "from . import phone", "relative name"),
        ("app.work", "from tests.factories import a_visit", "imports the tests"),
    ],
)
def test_a_step_off_the_table_is_caught(module, source, forbidden):
    modules = {"scheduling.db", "scheduling.errors", "scheduling.models", "scheduling.reads.offer"}

    wrong = wrong_steps(module, source, modules)

    assert any(forbidden in line for line in wrong), wrong


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "scheduling.actions.visits",
            "from scheduling.actions import capacity\nfrom sqlalchemy import select",
        ),
        ("scheduling.reads.offer", "from scheduling.rules.policy import may_book"),
        ("notifications.announce", "from scheduling.actions.work import VisitBooked"),
        ("notifications.providers.twilio", "from twilio.rest import Client"),
        ("app.work", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
        ("scheduling.actions.visits", "def book(work):\n    return work.now"),
    ],
)
def test_a_step_on_the_table_is_let_through(module, source):
    modules = {"scheduling.actions.capacity"}

    wrong = wrong_steps(module, source, modules)

    assert wrong == []


def test_a_circle_is_caught():
    arrows = {"app.a": {"app.b"}, "app.b": {"app.c"}, "app.c": {"app.b"}}

    circle = circle_in(arrows)

    assert circle == ["app.b", "app.c", "app.b"]
