"""Sentences of a language that runs from right to left: what is filled in, or an example, is a run of its own."""

from pathlib import Path

import pytest

from app import i18n

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Call %(phone)s."
msgstr "חייגו %(phone)s."

msgid "For example 1234 AB"
msgstr "לדוגמה 1234 AB"

msgid "Write it like 06 12345678."
msgstr "כתבו 06 12345678."

msgid "At most 2,000 characters, 24 hours."
msgstr "עד 2,000 תווים, 24 שעות."
"""
FROM, TO = "\u2068", "\u2069"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for tag in ("he", "de"):
        path = tmp_path / tag / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(CATALOGUE.strip(), encoding="utf-8")
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("Call %(phone)s.", f"חייגו {FROM}%(phone)s{TO}.", id="a gap"),
        pytest.param("For example 1234 AB", f"לדוגמה {FROM}1234 AB{TO}", id="a postcode"),
        pytest.param("Write it like 06 12345678.", f"כתבו {FROM}06 12345678{TO}.", id="a phone number"),
        pytest.param(
            "At most 2,000 characters, 24 hours.", "עד 2,000 תווים, 24 שעות.", id="a number needs no help"
        ),
    ],
)
def test_what_runs_the_other_way_is_marked(folder: Path, sentence: str, expected: str) -> None:
    # Past the cache: it is for the life of a process, and these catalogues are only here for a moment.
    read = i18n._read.__wrapped__("he")

    assert read is not None
    assert read.ugettext(sentence) == expected


def test_a_language_that_runs_from_left_to_right_is_left_alone(folder: Path) -> None:
    read = i18n._read.__wrapped__("de")

    assert read is not None
    assert read.ugettext("Call %(phone)s.") == "חייגו %(phone)s."


@pytest.mark.parametrize(
    ("tag", "direction"), [("he", "rtl"), ("ar-EG", "rtl"), ("pl", "ltr"), ("nl", "ltr"), ("?", "ltr")]
)
def test_the_direction_is_that_of_the_language(tag: str, direction: str) -> None:
    assert i18n.text_direction(tag) == direction
