"""The `page` fixture: a browser without JavaScript that checks what must hold for every page, on every page it opens.

It asserts valid HTML, `lang`, one `h1` and a title that begins with it, labels for all fields, an action and a form
token on every form that posts, no id twice, no inline script or style, no English sentence on a Dutch page, a
`data-page` that names the template, and the headers that guard every answer. `submit` sends a form as a browser
would: what it hides, what is filled in or marked already, and what the test says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

APP = Path(__file__).parents[1] / "app"
FIELDS = {"input", "textarea", "select"}
WITHOUT_LABEL = {"hidden", "submit", "button", "image", "reset"}
TO_BE_MARKED = {"radio", "checkbox", "submit"}
INLINE_CONTENT = {"script", "style"}
WITHOUT_BODY = {"HEAD", "OPTIONS"}
FILES = ("/static/", "/brand", "/favicon.ico", "/robots.txt")
PLACEHOLDER = re.compile(r"%\(\w+\)s")


class Opened:
    """An answer, as a person sees it: `status`, `text`, and what stands on its page."""

    def __init__(self, response: TestResponse, path: str) -> None:
        self.response, self.path = response, path
        self.status, self.headers = response.status_code, response.headers

    def __repr__(self) -> str:
        return f"<{self.status} {self.path} {self.location or self.name}>"

    @property
    def is_page(self) -> bool:
        """Whether it is HTML that our own templates made; redirects carry a few words that nobody sees."""
        return self.response.mimetype == "text/html" and not 300 <= self.status < 400

    @property
    def location(self) -> str:
        """Where it sends its reader; empty where it does not."""
        return self.headers.get("Location", "")

    @property
    def html(self) -> str:
        """The markup."""
        return self.response.text

    @cached_property
    def _parsed(self) -> tuple[Element, list[str]]:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(self.html)
        return tree, [f"line {place[0]}: {code} {facts}" for place, code, facts in parser.errors]

    @property
    def tree(self) -> Element:
        """The document."""
        return self._parsed[0]

    @property
    def faults(self) -> list[str]:
        """What is wrong with the markup by the standard's own rules for parsing (HTML, section 13.2)."""
        return self._parsed[1]

    @property
    def name(self) -> str:
        """The page's `data-page`; empty for what is no page."""
        mains = self.tree.findall(".//main") if self.is_page else []
        return mains[0].get("data-page", "") if mains else ""

    @property
    def heading(self) -> str:
        """The words of the h1."""
        return words_of(self.tree.findall(".//h1")[0])

    @property
    def title(self) -> str:
        """The words of the title."""
        return words_of(self.tree.findall(".//title")[0])

    @property
    def words(self) -> str:
        """Everything in `main` that can be read, in one line."""
        return words_of(self.tree.findall(".//main")[0])

    @property
    def lang(self) -> str:
        """The language that the page says it is in."""
        return self.tree.get("lang", "")

    def forms(self) -> list[str]:
        """The names of its forms, in order."""
        return [form.get("data-form", "") for form in self.tree.iter("form")]

    def form(self, name: str) -> Element:
        """Its one form `data-form=name`."""
        found = [form for form in self.tree.iter("form") if form.get("data-form") == name]
        assert len(found) == 1, f"{len(found)} forms {name} on {self!r}; there are {self.forms()}"
        return found[0]

    def token(self) -> str:
        """The form token of the page's first form that posts."""
        return next(
            field.get("value", "") for field in self.tree.iter("input") if field.get("name") == "csrf_token"
        )

    def windows(self) -> list[int]:
        """The ids of the windows that can be marked, in order."""
        return [
            int(field.get("value", ""))
            for field in self.tree.iter("input")
            if field.get("name") == "window" and field.get("type") == "radio"
        ]

    def href(self, words: str) -> str:
        """Where the one link leads that says this."""
        (found,) = {link.get("href", "") for link in self.tree.iter("a") if words_of(link).startswith(words)}
        return found


@dataclass(frozen=True)
class PageBrowser:
    """Opens pages and sends forms, and checks each answer."""

    client: FlaskClient

    def open(self, path: str, *, method: str = "GET", **request: Any) -> Opened:
        """Asks for `path` and checks the answer."""
        response = self.client.open(path, method=method, **request)
        # Read and closed at once: a file that is streamed would stay open otherwise.
        response.get_data()
        response.close()
        opened = Opened(response, path)
        check_headers(opened)
        if opened.is_page and method not in WITHOUT_BODY:
            check_page(opened)
        return opened

    def get(self, path: str, **request: Any) -> Opened:
        """Opens `path`."""
        return self.open(path, **request)

    def post(self, path: str, data: dict[str, Any] | None = None, **request: Any) -> Opened:
        """Posts to `path`, as nothing on our pages would."""
        return self.open(path, method="POST", data=data or {}, **request)

    def follow(self, answer: Opened) -> Opened:
        """The page that an answer sends its reader to."""
        assert answer.status == 303, f"{answer!r} leads nowhere"
        return self.get(urljoin(answer.path, answer.location))

    def submit(self, page: Opened, name: str, **values: Any) -> Opened:
        """Fills in the form `name` and presses its first button. Only what it offers a person can be said."""
        form = page.form(name)
        filled = _filled(form)
        for field, value in values.items():
            _check_offered(form, field, str(value))
            filled[field] = str(value)
        return self._send(page, form, filled)

    def forge(self, page: Opened, name: str, **values: Any) -> Opened:
        """As `submit`, with values that were never offered; None leaves a field out."""
        form = page.form(name)
        filled = {**_filled(form), **values}
        sent = {
            field: value if isinstance(value, list) else str(value)
            for field, value in filled.items()
            if value is not None
        }
        return self._send(page, form, sent)

    def submit_and_follow(self, page: Opened, name: str, **values: Any) -> Opened:
        """As `submit`, and on to where it leads."""
        return self.follow(self.submit(page, name, **values))

    def _send(self, page: Opened, form: Element, filled: dict[str, Any]) -> Opened:
        action = urljoin(page.path, form.get("action") or page.path)
        if form.get("method", "get") == "get":
            return self.get(f"{action}?{urlencode(filled, doseq=True)}")
        assert not urlsplit(action).netloc, f"{name_of(form)} posts to another host"
        return self.post(
            action, filled, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
        )


@pytest.fixture
def page(client: FlaskClient) -> PageBrowser:
    """The browser over this test's application."""
    return PageBrowser(client)


def words_of(element: Element) -> str:
    """Its text in one line, spaces made one."""
    return " ".join("".join(element.itertext()).split())


def name_of(form: Element) -> str:
    """How to call a form in a message."""
    return f"form {form.get('data-form', '(without a name)')}"


def check_headers(answer: Opened) -> None:
    """What every answer of ours says to browsers, caches and search engines."""
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    path = urlsplit(answer.path).path
    if not path.startswith(FILES):
        assert headers["Cache-Control"] == "no-store"
        # The start page alone may be found; what is wrong with it is not.
        assert path == "/" or "noindex" in headers["X-Robots-Tag"]


def check_page(page: Opened) -> None:
    """What must hold for every page."""
    assert page.faults == [], f"{page!r} is not valid HTML"
    assert page.lang in languages(), f"{page!r} says it is in {page.lang!r}"
    assert page.tree.get("dir") in {"ltr", "rtl"}
    headings = page.tree.findall(".//h1")
    assert len(headings) == 1, f"{page!r} has {len(headings)} h1"
    assert page.heading, f"{page!r} has an empty h1"
    # Where something is to be put right the title says so first (WCAG 2.2, G83 and the GOV.UK pattern).
    title = page.title.split(": ", 1)[-1] if page.status == 422 else page.title
    assert title.startswith(page.heading), f"{page!r}: {page.title!r} does not begin with {page.heading!r}"
    assert page.name in page_names(page.status), f"{page!r} is named {page.name!r}"
    check_ids(page)
    check_fields(page)
    check_forms(page)
    check_nothing_inline(page)
    if page.lang != "en":
        assert english_on(page) == [], f"{page!r} speaks English"


def check_ids(page: Opened) -> None:
    """No id twice, and none pointed to that is not there."""
    ids = [element.get("id", "") for element in page.tree.iter() if element.get("id") is not None]
    assert sorted(ids) == sorted(set(ids)), f"{page!r} has an id twice"
    for element in page.tree.iter():
        for attribute in ("aria-labelledby", "aria-describedby", "for"):
            missing = set((element.get(attribute) or "").split()) - set(ids)
            assert not missing, f"{page!r}: {attribute} names {missing}"


def check_fields(page: Opened) -> None:
    """Every field that a person sees has a label."""
    named = {label.get("for") for label in page.tree.iter("label") if words_of(label)}
    wrapped = {
        id(field) for label in page.tree.iter("label") if words_of(label) for field in label.iter()
    }  # a label around its field
    for field in page.tree.iter():
        if field.tag in FIELDS and field.get("type") not in WITHOUT_LABEL:
            has_label = field.get("id") in named or id(field) in wrapped or field.get("aria-label")
            assert has_label, f"{page!r}: {field.get('name')} has no label"
    for button in page.tree.iter("button"):
        assert words_of(button), f"{page!r} has a button without words"
    for link in page.tree.iter("a"):
        says = words_of(link) or "".join(image.get("alt", "") for image in link.iter("img"))
        assert says, f"{page!r} has a link without words"
        assert link.get("href"), f"{page!r} has a link that leads nowhere: {says}"


def check_forms(page: Opened) -> None:
    """Every form has a name; one that posts says where to, and carries its token."""
    for form in page.tree.iter("form"):
        assert form.get("data-form"), f"{page!r} has a form without a name"
        if form.get("method") != "post":
            continue
        assert form.get("action"), f"{page!r}: {name_of(form)} has no action"
        assert _filled(form).get("csrf_token"), f"{page!r}: {name_of(form)} carries no token"
        assert next(form.iter("button"), None) is not None, f"{page!r}: {name_of(form)} has no button"


def check_nothing_inline(page: Opened) -> None:
    """No script or style in the page, and nothing from another host: the content policy allows neither."""
    for element in page.tree.iter():
        written_in = element.tag in INLINE_CONTENT and (element.text or "").strip()
        assert not written_in, f"{page!r} has an inline {element.tag}"
        for name, value in element.attrib.items():
            is_inline = name == "style" or name.startswith("on")
            assert not is_inline, f"{page!r}: {element.tag} has {name}"
            loads = name == "src" or (name == "href" and element.tag == "link")
            assert not (loads and urlsplit(value).netloc), f"{page!r} loads {value}"
            # What somebody typed stands in `value`, whatever it is, and does nothing there.
            does_something = name != "value" and value.lstrip().lower().startswith(("javascript:", "data:"))
            assert not does_something, f"{page!r}: {value}"


def english_on(page: Opened) -> list[str]:
    """English sentences on a page in another language, but for those that read the same in it."""
    exact, patterns = _english(page.lang)
    said = [" ".join(text.split()) for text in _texts(page.tree)]
    return [text for text in said if text in exact or any(pattern.fullmatch(text) for pattern in patterns)]


@cache
def languages() -> frozenset[str]:
    """The languages that there are pages in."""
    found = {path.parents[1].name for path in (APP / "translations").glob("*/LC_MESSAGES/messages.po")}
    return frozenset({name for name in found if "@" not in name} | {"en"})


@cache
def page_names(status: int) -> frozenset[str]:
    """What `data-page` may say: the name of a template, or of an error."""
    templates = {path.stem for path in (APP / "templates").glob("customer/*.html")}
    for room in ("staff", "demo"):
        templates |= {f"{room}-{path.stem}" for path in (APP / "templates" / room).glob("*.html")}
        templates |= {path.stem for path in (APP / "templates" / room).glob("*.html")}
    if status < 400:
        return frozenset(templates)
    return frozenset(templates | {"not-found" if status == 404 else f"error-{status}"})


@cache
def _english(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    with (APP / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    sentences = [
        message.id
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.id != message.string
    ]
    # Those of a few letters and a gap ("sent %(when)s") would be found in any text.
    with_gaps = [sentence for sentence in sentences if PLACEHOLDER.search(sentence)]
    patterns = tuple(
        re.compile(".+?".join(re.escape(part) for part in PLACEHOLDER.split(sentence)))
        for sentence in with_gaps
        if len(PLACEHOLDER.sub("", sentence)) > 8
    )
    return frozenset(sentences) - frozenset(with_gaps), patterns


def _texts(element: Element) -> Iterator[str]:
    """Every piece of text but those that say themselves that they are in another language."""
    for child in element:
        if child.get("lang") is None and isinstance(child.tag, str):
            if child.text and child.text.strip():
                yield child.text
            yield from _texts(child)
        if child.tail and child.tail.strip():
            yield child.tail


def _filled(form: Element) -> dict[str, Any]:
    """What a browser would send if nothing was touched; several fields of one name give a list."""
    filled: dict[str, Any] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type", "text")
        if field.tag == "textarea" and name:
            filled[name] = field.text or ""
        elif field.tag == "input" and name and (kind not in TO_BE_MARKED or field.get("checked") is not None):
            value = field.get("value", "")
            filled[name] = [*_as_list(filled[name]), value] if name in filled else value
    return filled


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _check_offered(form: Element, name: str, value: str) -> None:
    fields = [field for field in form.iter() if field.tag in FIELDS and field.get("name") == name]
    assert fields, f"{name_of(form)} has no field {name}"
    values = [field.get("value") for field in fields if field.get("type") in {"radio", "hidden"}]
    assert not values or value in values, f"{name_of(form)} does not offer {name}={value}, but {values}"
