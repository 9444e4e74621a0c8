"""A real browser against the real portal, served by gunicorn.

Starting a portal and loading its data takes seconds, so a process of tests has one of each sort: `company`, with data
of its own files, each test with customers of its own; and `demonstration`, as `make run` shows it. `page` runs a test
on a phone and on a desktop; `page_without_javascript` is for what has to work without it. Whatever a test does, its
pages may load nothing from another host, and log no error (a breach of the content policy is one).
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.company import ROOT, Company, Portal, load
from tests.databases import fresh_database
from tests.environment import ENVIRONMENT, RUN_FOLDER
from tests.install_browser import find_browser

AXE = ROOT / "tests" / "data" / "axe" / "axe.min.js"
SCREENSHOTS = ROOT / "tests" / "browser" / "screenshots"
START_SECONDS = 90
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""WCAG 2.2 at level AA, as axe tags its rules."""

CHROMIUM = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # The small /dev/shm of a container would run full.
    "--disable-dev-shm-usage",
]

SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(target => target.type !== "hidden" && target.checkVisibility())
    .filter(target => getComputedStyle(target).display !== "inline")
    .map(target => [target, (target.closest("label") ?? target).getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 24)
    .map(([target, box]) => `${target.outerHTML} is ${box.width} by ${box.height}`)"""
"""What a finger has to hit and is under 24 pixels (WCAG 2.2, 2.5.8); a link within a sentence may be."""

_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `browser`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remembers for the fixtures whether their test failed."""
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


Companies = Callable[[str], Company]


@contextmanager
def serving(kind: str, folder: Path, **settings: str) -> Iterator[Portal]:
    """A portal on a free port, over an empty database of this kind; its log and its files go into `folder`."""
    with fresh_database(kind, folder) as database, socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        environ = {**os.environ, **ENVIRONMENT, "DATABASE_URL": database.url, "PUBLIC_URL": url, **settings}
        with _gunicorn(listening, environ, folder / "portal.log"):
            yield Portal(url, database, environ)


@contextmanager
def beside(portal: Portal, *, application: str = "wsgi:app", **settings: str) -> Iterator[Portal]:
    """Another server over the same data, set up differently; personal links are the same but for the host."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[RUN_FOLDER]))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        environ = {**portal.environ, "PUBLIC_URL": url, **settings}
        with _gunicorn(listening, environ, folder / "portal.log", application):
            yield Portal(url, portal.database, environ)


@pytest.fixture(scope="session")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Companies]:
    """`companies("sqlite")`, `companies("postgresql")`: one portal of each for a whole process of tests."""
    started: dict[str, Company] = {}
    with ExitStack() as stack:

        def on(kind: str) -> Company:
            if kind not in started:
                folder = tmp_path_factory.mktemp(kind)
                started[kind] = load(stack.enter_context(serving(kind, folder)), folder)
            return started[kind]

        yield on


@pytest.fixture
def company(request: pytest.FixtureRequest, companies: Companies) -> Company:
    """On SQLite; on PostgreSQL by `parametrize("company", ["postgresql"], indirect=True)`."""
    return companies(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demonstration company with its pages, as `make run` starts it; its messages are sent."""
    with serving("sqlite", tmp_path_factory.mktemp("demonstration"), DEMO="1") as portal:
        portal.flask("demo", "load")
        portal.flask("worker", "--once")
        yield portal


@pytest.fixture
def portal(company: Company) -> Portal:
    """The portal that pages are opened on; a file of tests about another one has a `portal` of its own."""
    return company.portal


@contextmanager
def _gunicorn(
    listening: socket.socket, environ: dict[str, str], log: Path, application: str = "wsgi:app"
) -> Iterator[None]:
    # The socket is handed over open, so nobody can take its port in between.
    number = listening.fileno()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{number}", "--workers", "1", application]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environ, pass_fds=[number], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_answers(server, listening.getsockname()[1], log)
            yield
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    # A proxy in the environment is for the world outside, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            opener.open(f"http://127.0.0.1:{port}/healthz", timeout=START_SECONDS).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the portal did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process; every page has a context, so cookies, of its own."""
    path = find_browser()
    assert path, "no Chromium: `make test` installs one, or says what to install"
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM, *as_root])
        yield running
        running.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[OpenPage]:
    """Makes pages: `open_page(viewport=PHONE, java_script_enabled=False, color_scheme="dark", ...)`.

    Takes what Playwright's `new_context` takes, and `at` for a portal other than the test's own. All its pages are
    watched until the test ends; `fails=True` where a failure of the server (5xx) is what the test is about.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(*, at: Portal = portal, fails: bool = False, **wishes: Any) -> Page:
        defaults = {
            "base_url": at.url,
            "locale": "nl-NL",
            "timezone_id": "Europe/Amsterdam",
            "viewport": PHONE,
        }
        context = browser.new_context(**{**defaults, **wishes})
        contexts.append(context)
        _watch(context, at, complaints, expected="45" if fails else "4")
        return context.new_page()

    yield opened
    if request.node.stash.get(_failed, False):
        _keep_screenshots(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert complaints == []


def _watch(context: BrowserContext, portal: Portal, complaints: list[str], *, expected: str) -> None:
    refusal = re.compile(rf"the server responded with a status of [{expected}]")

    def requested(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(portal.url).netloc:
            complaints.append(f"loads from another host: {request.url}")

    def said(message: ConsoleMessage) -> None:
        # The browser also logs an error for a 409 or 404, which may be the very page that a test is about.
        if message.type == "error" and not refusal.search(message.text):
            complaints.append(message.text)

    context.on("request", requested)
    context.on("console", said)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def _keep_screenshots(name: str, contexts: list[BrowserContext]) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    plain = "".join(letter if letter.isalnum() else "-" for letter in name)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=SCREENSHOTS / f"{plain}-{number}.png", full_page=True)


@pytest.fixture(params=["phone", "desktop"])
def page(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    """A page on a phone of 360 pixels, then one on a desktop."""
    return open_page(viewport=PHONE if request.param == "phone" else DESKTOP)


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone of 360 by 740 pixels."""
    return open_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """A page on a desktop of 1280 by 800 pixels."""
    return open_page(viewport=DESKTOP)


@pytest.fixture
def page_without_javascript(open_page: OpenPage) -> Page:
    """A page on a phone that runs no script at all."""
    return open_page(viewport=PHONE, java_script_enabled=False)


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe finds nothing against WCAG 2.2 AA on the page as it stands now."""
    axe = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> None:
        # Evaluated by the debugger, not added to the page as a script: the content policy stays as strict as it is.
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(f"() => {{ {axe} }}")
        # axe leaves the size of targets (2.5.8) out unless it is asked for by name, and then misses some far down a
        # page: they are measured as well.
        found = page.evaluate(
            """rules => axe.run(document, {
                runOnly: {type: "tag", values: rules}, rules: {"target-size": {enabled: true}},
                resultTypes: ["violations"], preload: false,
            })""",
            RULES,
        )
        problems = [
            f"{rule['id']} ({rule['help']}): {', '.join(str(node['target']) for node in rule['nodes'])}"
            for rule in found["violations"]
        ]
        problems += [f"target-size, measured: {target}" for target in page.evaluate(SMALL_TARGETS)]
        assert problems == [], f"{page.url}: " + "\n".join(problems)
        assert found["passes"], "axe looked at nothing"

    return check
