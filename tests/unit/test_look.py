"""The rules of style that stylesheets and templates can be held to by reading them.

One place for colours and sizes, no inline style or script (the content policy forbids both), no other host.
"""

import gzip
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
TOKENS = APP / "static" / "css" / "tokens.css"
STYLESHEETS = sorted(path for path in (APP / "static" / "css").rglob("*.css") if path.name != "tokens.css")
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name == "customer"]

COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|color-mix)\(", re.IGNORECASE)
PHYSICAL = re.compile(
    r"(?:^|[{;])\s*(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height)\s*:",
    re.MULTILINE,
)
# What turns round with the direction of the language has no left and no right.
SIDED = re.compile(
    r"(?:^|[{;])\s*(?:(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius\s*:|scroll-(?:margin|padding)-(?:left|right|top|bottom)\s*:"
    r"|(?:min-|max-)(?:width|height)\s*:|inset\s*:\s*\S+\s+\S+\s+\S+\s+\S)",
    re.MULTILINE,
)
# Four values go round clockwise: where the second and the fourth differ, the sides do.
LOPSIDED = re.compile(
    r"(?:margin|padding|border-width|border-radius)\s*:\s*([^\s;]+)\s+([^\s;]+)\s+([^\s;]+)\s+([^\s;]+)\s*;"
)
LENGTH = re.compile(r"(?:font-size|margin[\w-]*|padding[\w-]*|gap|border-radius)\s*:[^;]*?\d(?:px|rem)")
INLINE = re.compile(r"<script|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def faults_of(css: str) -> list[str]:
    """What a stylesheet other than tokens.css may not hold."""
    rules = without_comments(css)
    found = [
        match.group().strip() for rule in (COLOUR, PHYSICAL, SIDED, LENGTH) for match in rule.finditer(rules)
    ]
    found += [match[0] for match in LOPSIDED.finditer(rules) if match[2] != match[4]]
    found += [word for word in ("!important", "url(", "@import") if word in rules]
    # An id in a selector: a "#" outside a declaration.
    found += re.findall(r"^\s*#[\w-]+", rules, flags=re.MULTILINE)
    return found


@pytest.mark.parametrize(
    "css",
    [
        "a { color: #123456; }",
        "a { color: rgb(0 0 0); }",
        "a { margin-left: 0; }",
        "a { padding: 12px; }",
        "a { text-align: right; }",
        "a { float: left; }",
        "a { inset: 0 auto 0 0; }",
        "a { border-top-left-radius: 0; }",
        "a { max-width: var(--wide); }",
        "a { margin: 0 var(--space-1) 0 0; }",
        "a { color: red !important; }",
        "a { background: url(https://example.org/a.png); }",
    ],
)
def test_a_stylesheet_that_breaks_a_rule_is_caught(css: str) -> None:
    assert faults_of(css)


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_colours_and_sizes_come_from_the_tokens(path: Path) -> None:
    assert faults_of(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_every_custom_property_that_is_used_exists(path: Path) -> None:
    tokens = set(re.findall(r"(--[\w-]+):", TOKENS.read_text(encoding="utf-8")))

    used = set(re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8")))

    assert used <= tokens


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_has_no_inline_style_or_script_and_asks_no_other_host(path: Path) -> None:
    markup = path.read_text(encoding="utf-8")

    assert INLINE.findall(markup) == []
    assert re.findall(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", markup) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_named_after_its_data_page_and_has_one_heading(path: Path) -> None:
    markup = path.read_text(encoding="utf-8")

    assert f"{{% block page %}}{path.stem}{{% endblock %}}" in markup
    assert markup.count("<h1>{{ heading }}</h1>") == 1
    assert markup.count("<h1") == 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_form_that_posts_carries_its_token(path: Path) -> None:
    forms = re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert [form for form in forms if 'method="post"' in form and 'name="csrf_token"' not in form] == []


def test_all_stylesheets_together_stay_light() -> None:
    # The choose page may weigh 60 kB on the wire; with all stylesheets at 20 kB there is room for markup.
    assert sum(len(gzip.compress(path.read_bytes())) for path in [TOKENS, *STYLESHEETS]) < 20_000
