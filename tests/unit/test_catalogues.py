"""The words of the pages: each sentence stands in every language, and each that addresses the reader in both registers.

A language is a folder of `app/translations`, so a new one is held to all of this from its first day. English needs no
catalogue: a sentence is its own English text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

APP = Path(__file__).parents[2] / "app"
TRANSLATIONS = APP / "translations"
CATALOGUES = sorted(path.parents[1].name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
LANGUAGES = [name for name in CATALOGUES if "@" not in name]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# A percent sign that is neither a placeholder nor doubled would break the sentence when it is filled in.
LOOSE_PERCENT = re.compile(r"(?<!%)(?:%%)*%(?!\(\w+\)s|%)")


@dataclass(frozen=True)
class Register:
    """Words that only one register says: whole words, in any case of letters."""

    formal: re.Pattern[str]
    informal: re.Pattern[str]


def words(*stems: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(stems)})\b", re.IGNORECASE)


REGISTERS = {
    "nl": Register(words("u", "uw", "uwe", "uzelf"), words("je", "jij", "jou", "jouw", "jezelf")),
    # Polish also shows the register in its verbs: "prosimy" with an infinitive is what formal sentences ask with.
    "pl": Register(
        words("państw(?:o|a|u|em)", "pan", "pana", "panu", "pani", "panią", "prosimy"),
        words(
            "ty",
            "ciebie",
            "cię",
            "ci",
            "tobie",
            "tobą",
            "tw(?:ój|oja|oje|ojego|ojej|ojemu|oim|oją|oich|oimi)",
        ),
    ),
}

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
        return read_po(file, locale=name.partition("@")[0], abort_invalid=True)


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


def said(pattern: re.Pattern[str], texts: Iterable[str]) -> list[str]:
    return [text for text in texts if pattern.search(text)]


def test_the_harness_finds_sentences_in_templates() -> None:
    assert "Skip to the content" in sentences()
    assert {"nl", "pl"} <= set(LANGUAGES)


def test_the_harness_knows_a_formal_word_and_a_loose_percent_sign() -> None:
    dutch, polish = REGISTERS["nl"], REGISTERS["pl"]

    assert said(dutch.formal, ["Kunt u komen?", "Uw tijd", "een uur, nu, duwen"]) == [
        "Kunt u komen?",
        "Uw tijd",
    ]
    assert said(polish.formal, ["U Państwa", "Prosimy wybrać", "pan", "państwowy", "plan"]) == [
        "U Państwa",
        "Prosimy wybrać",
        "pan",
    ]
    assert said(polish.informal, ["Twój termin", "Odpowiada Ci?", "tydzień", "godzina ciszy"]) == [
        "Twój termin",
        "Odpowiada Ci?",
    ]
    assert LOOSE_PERCENT.search("100% zeker")
    assert not LOOSE_PERCENT.search("%(day)s, 100%%")


def test_every_language_says_which_words_are_formal() -> None:
    assert set(REGISTERS) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_stands_in_every_language(language: str) -> None:
    texts = texts_of(language)

    assert {sentence: where for sentence, where in sentences().items() if sentence not in texts} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_formal_sentence_has_an_informal_twin(language: str) -> None:
    informal = texts_of(f"{language}@informal")

    formal_only = [
        sentence
        for sentence, texts in texts_of(language).items()
        if said(REGISTERS[language].formal, texts) and sentence not in informal
    ]

    assert formal_only == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_registers_do_not_mix(language: str) -> None:
    assert said(REGISTERS[language].formal, all_texts(f"{language}@informal")) == []
    assert said(REGISTERS[language].informal, all_texts(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_informal_catalogue_holds_only_what_differs(language: str) -> None:
    formal, informal = texts_of(language), texts_of(f"{language}@informal")

    assert [sentence for sentence in informal if formal.get(sentence) == informal[sentence]] == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_fills_in_the_same_names_as_its_sentence(name: str) -> None:
    different = {
        sentence: texts
        for sentence, texts in texts_of(name).items()
        if any(placeholders(text) != placeholders(sentence) for text in texts)
    }

    assert different == {}


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_number_has_as_many_forms_as_the_language_has(name: str) -> None:
    forms = get_plural(name.partition("@")[0]).num_plurals
    counted = {sentence: texts for sentence, texts in texts_of(name).items() if isinstance(sentence, tuple)}

    assert catalogue(name).num_plurals == forms
    assert {sentence: len(texts) for sentence, texts in counted.items() if len(texts) != forms} == {}


@pytest.mark.parametrize("name", CATALOGUES)
def test_no_translation_has_a_loose_percent_sign(name: str) -> None:
    assert [text for text in all_texts(name) if LOOSE_PERCENT.search(text)] == []


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_keeps_no_sentence_that_nothing_says(name: str) -> None:
    assert [sentence for sentence in texts_of(name) if sentence not in sentences()] == []


def test_informal_polish_writes_the_reader_with_a_capital() -> None:
    """As letters do: Ty, Ci, Twój."""
    small = re.compile(r"\b(?:ty|ciebie|cię|ci|tobie|tobą|tw(?:ój|oj\w{1,3}|oim))\b")

    assert said(small, all_texts("pl@informal")) == []


def test_polish_sentences_quote_as_polish_does() -> None:
    polish = [*all_texts("pl"), *all_texts("pl@informal")]

    assert said(re.compile(r"[\"“«»]"), polish) == []
    assert [text for text in polish if text.count("„") != text.count("”")] == []
