"""The words of the pages: every sentence stands in Dutch, and each with u or uw has an informal twin.

English needs no catalogue: a sentence is its own English text.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).parents[2] / "app"
TRANSLATIONS = APP / "translations"
FORMAL_WORD = re.compile(r"\b(?:u|uw|uwe|uzelf)\b", re.IGNORECASE)
INFORMAL_WORD = re.compile(r"\b(?:je|jij|jou|jouw|jezelf)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# A percent sign that is neither a placeholder nor doubled would break the sentence when it is filled in.
LOOSE_PERCENT = re.compile(r"(?<!%)(?:%%)*%(?!\(\w+\)s|%)")

Sentence = str | tuple[str, ...]


@cache
def sentences() -> dict[Sentence, str]:
    """Every sentence marked for translation in templates and Python files, and where it stands first."""
    found: dict[Sentence, str] = {}
    for file, line, sentence, _comments, _context in extract_from_dir(
        APP,
        method_map=[("templates/**.html", "jinja2"), ("**.py", "python")],
        # Jinja swallows a template it cannot read unless told otherwise.
        options_map={"templates/**.html": {"silent": "false"}},
        keywords={
            "_": None,
            "N_": None,
            "gettext": None,
            "lazy_gettext": None,
            "ngettext": (1, 2),
        },
    ):
        found.setdefault(sentence, f"{file}:{line}")
    return found


@cache
def catalogue(name: str) -> Catalog:
    with (TRANSLATIONS / name / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def as_tuple(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


@cache
def texts_of(name: str) -> dict[Sentence, tuple[str, ...]]:
    """Sentence to its translation (one text, or one for each plural form), without empty and fuzzy ones."""
    texts: dict[Sentence, tuple[str, ...]] = {}
    for message in catalogue(name):
        strings = as_tuple(message.string)
        if message.id and strings and all(strings) and not message.fuzzy:
            texts[message.id if isinstance(message.id, str) else tuple(message.id)] = strings
    return texts


def all_texts(name: str) -> list[str]:
    return [text for texts in texts_of(name).values() for text in texts]


def placeholders(sentence: Sentence) -> set[str]:
    return {name for part in as_tuple(sentence) for name in PLACEHOLDER.findall(part)}


def test_the_harness_finds_sentences_in_templates() -> None:
    assert "Skip to the content" in sentences()


def test_the_harness_knows_a_formal_word_and_a_loose_percent_sign() -> None:
    assert FORMAL_WORD.search("Kunt u komen?")
    assert FORMAL_WORD.search("Uw tijd")
    assert not FORMAL_WORD.search("een uur, nu, duwen")
    assert LOOSE_PERCENT.search("100% zeker")
    assert not LOOSE_PERCENT.search("%(day)s, 100%%")


def test_every_sentence_stands_in_dutch() -> None:
    dutch = texts_of("nl")

    assert {sentence: where for sentence, where in sentences().items() if sentence not in dutch} == {}


def test_every_formal_dutch_sentence_has_an_informal_twin() -> None:
    informal = texts_of("nl@informal")

    formal_only = [
        sentence
        for sentence, texts in texts_of("nl").items()
        if any(FORMAL_WORD.search(text) for text in texts) and sentence not in informal
    ]

    assert formal_only == []


def test_registers_do_not_mix() -> None:
    assert [text for text in all_texts("nl@informal") if FORMAL_WORD.search(text)] == []
    assert [text for text in all_texts("nl") if INFORMAL_WORD.search(text)] == []


@pytest.mark.parametrize("name", ["nl", "nl@informal"])
def test_a_translation_fills_in_the_same_names_as_its_sentence(name: str) -> None:
    different = {
        sentence: texts
        for sentence, texts in texts_of(name).items()
        if any(placeholders(text) != placeholders(sentence) for text in texts)
    }

    assert different == {}


@pytest.mark.parametrize("name", ["nl", "nl@informal"])
def test_no_translation_has_a_loose_percent_sign(name: str) -> None:
    assert [text for text in all_texts(name) if LOOSE_PERCENT.search(text)] == []


@pytest.mark.parametrize("name", ["nl", "nl@informal"])
def test_a_catalogue_keeps_no_sentence_that_nothing_says(name: str) -> None:
    assert [sentence for sentence in texts_of(name) if sentence not in sentences()] == []


def test_the_informal_catalogue_holds_only_what_differs() -> None:
    formal, informal = texts_of("nl"), texts_of("nl@informal")

    assert [sentence for sentence in informal if formal.get(sentence) == informal[sentence]] == []
