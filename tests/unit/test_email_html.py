"""The HTML of an e-mail: the same words, nothing that a name can break, readable on any brand colour."""

from itertools import product

import html5lib
import pytest

from notifications.company import Company
from notifications.email_html import ink_on, render_html
from notifications.links import CONTACT_LINK, LINK
from notifications.models import KINDS
from notifications.texts import NO_LINK, REGISTERS, Texts
from scheduling.rules.addressing import Name
from tests.unit.test_texts import about, write

TEXTS = Texts()
COMPANY = Company("Warmte & <Huis>", "033 303 90 00", "a@b.example", "http://localhost:5000", "#0f5c63")
URL = "http://localhost:5000/v/" + "0" * 29


def parsed(text, **changes):
    known = {"subject": "Uw bezoek", "language": "nl", "company": COMPANY, "link": URL}
    html = render_html(text, **{**known, **changes})
    return html, html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def test_a_line_with_only_the_link_after_it_becomes_a_button_and_the_link_to_read():
    _, tree = parsed(f"Hallo,\n\nKies een dag:\n{URL}\n\nGroet,\nWij")

    links = [(link.get("href"), link.text) for link in tree.iter("a")]
    assert links == [(URL, "Kies een dag"), (URL, URL)]


def test_a_text_without_a_link_has_no_button():
    _, tree = parsed("Hallo,\n\nTot ziens", link="")

    assert list(tree.iter("a")) == []


def test_what_a_name_holds_stays_text():
    html, tree = parsed('Beste <script>alert("x")</script> & "co",', subject="<b>")

    assert list(tree.iter("script")) == []
    assert "&lt;script&gt;" in html
    assert "Warmte &amp; &lt;Huis&gt;" in html
    assert tree.find("head/title").text == "<b>"


def test_language_and_direction_are_set():
    _, dutch = parsed("Hallo")
    _, arabic = parsed("Hallo", language="ar")

    assert (dutch.get("lang"), dutch.get("dir")) == ("nl", "ltr")
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")


def test_nothing_is_fetched_from_anywhere():
    html, tree = parsed(f"Hallo\n\nKies:\n{URL}")

    assert not [tag.tag for tag in tree.iter() if tag.tag in ("img", "link", "script", "iframe", "style")]
    assert "url(" not in html


@pytest.mark.parametrize(
    ("kind", "language", "formality"),
    list(product(KINDS, ("nl", "en"), REGISTERS)),
    ids=str,
)
def test_every_email_is_valid_html_and_says_all_of_its_text(kind, language, formality):
    name = Name("ms", "", "Zoë <3", "van der", 'O\'Neill & "Zonen"')
    email = write(TEXTS, about(name, language=language, formality=formality), kind=kind, channel="email")
    text = email.body.replace(LINK, URL).replace(CONTACT_LINK, URL)

    _, tree = parsed(text, subject=email.subject, language=language)

    said = " ".join("".join(tree.find("body").itertext()).split())
    assert len(list(tree.iter("a"))) == (0 if kind in NO_LINK else 2)
    for line in text.splitlines():
        assert line.rstrip(":. ") in said


@pytest.mark.parametrize(
    ("color", "ink"),
    [("#000000", "#ffffff"), ("#0f5c63", "#ffffff"), ("#ffffff", "#1b1b1b"), ("#ffcc00", "#1b1b1b")],
)
def test_the_ink_can_be_read_on_the_brand_colour(color, ink):
    assert ink_on(color) == ink
