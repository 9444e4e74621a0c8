"""Chooses the language and the register of a page, and gives templates their words.

A language is a catalogue (`app/translations/<tag>/LC_MESSAGES/messages.po`) and no code; informal sentences that
differ stand in a second one (`<tag>@informal`), which is asked first. English needs none: its sentences are the ids.
"""

import re
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request, session
from jinja2.ext import InternationalizationExtension

from scheduling.rules import wording

TRANSLATIONS = Path(__file__).parent / "translations"
SOURCE_LANGUAGE = "en"
HOME_LANGUAGE = "nl"
"""Of the first market: what a page is in where neither its customer nor the browser says otherwise."""

INFORMAL = "@informal"

_OWN_RUN = re.compile(r"%\(\w+\)s|(?<![\d.,])(?:\d+(?: \d+)+|\d{4} [A-Z]{2})\b")
"""A gap, and an example of a phone number or a postcode."""

_ISOLATED = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


@lru_cache
def languages() -> tuple[str, ...]:
    """The tags that pages exist in, from the folders that are there: the home language, then the others by name."""
    found = {folder.parent.parent.name for folder in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")}
    tags = {tag for tag in found if "@" not in tag} | {SOURCE_LANGUAGE}
    return tuple(sorted(tags, key=lambda tag: (tag != HOME_LANGUAGE, tag)))


@lru_cache
def catalogue(language: str, formality: str) -> NullTranslations:
    """The sentences of a language in a register: informal ones first, then the language's, then the ids."""
    chain = [f"{language}{INFORMAL}", language] if formality == "informal" else [language]
    found = [translations for tag in chain if (translations := _read(tag)) is not None]
    if not found:
        return NullTranslations()
    for asked_first, asked_next in pairwise(found):
        asked_first.add_fallback(asked_next)
    return found[0]


def speak(language: str, formality: str) -> None:
    """From here on the page is in this language and register, unless the reader chose another language."""
    g.language, g.formality = closest(_chosen() or language), formality


def language() -> str:
    """The language of the page: the reader's own choice, what the page set, else what the browser asks for."""
    found: str | None = g.get("language")
    if found is None:
        asked_for = request.accept_languages.best_match(languages()) if has_request_context() else None
        found = g.language = closest(_chosen() or asked_for or languages()[0])
    return found


def formality() -> str:
    """formal unless the page is somebody's who wants it otherwise."""
    found: str = g.get("formality", "formal")
    return found


def gettext(message: str, **values: object) -> str:
    """A sentence in the page's language, its named gaps filled."""
    sentence = catalogue(language(), formality()).ugettext(message)
    return sentence % values if values else sentence


def init_app(app: Flask) -> None:
    """Gives templates gettext, the language, and words for days, times and lists."""
    app.jinja_env.add_extension(InternationalizationExtension)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(language(), formality()).ugettext(message),
        lambda one, many, number: catalogue(language(), formality()).ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters.update(
        day_long=lambda local_day: wording.day_long(local_day, language()),
        day_full=lambda local_day: wording.day_full(local_day, language()),
        day_short=lambda local_day: wording.day_short(local_day, language()),
        clock=lambda local: wording.clock_time(local, language()),
        duration=lambda minutes: wording.duration(minutes, language()),
        list_of=lambda items: wording.list_of(list(items), language()),
    )
    app.before_request(_remember_choice)
    app.context_processor(_words)


def _words() -> dict[str, Any]:
    return {
        "language": language(),
        "language_direction": text_direction(language()),
        "languages": [(tag, own_name(tag), _switch_href(tag)) for tag in languages()],
    }


def _remember_choice() -> None:
    # Kept in the reader's own cookie; nothing about the customer changes by looking at a page in another language.
    chosen = request.args.get("lang")
    if chosen in languages():
        session["language"] = chosen


def _chosen() -> str | None:
    if not has_request_context():
        return None
    chosen: str | None = session.get("language")
    return chosen if chosen in languages() else None


def _switch_href(tag: str) -> str:
    if request.method == "GET":
        kept = {name: values for name, values in request.args.lists() if name != "lang"}
        # One slash: a path that begins with two, or with a backslash, would be another host's address in a link.
        path = request.path.lstrip("/\\")
        return f"/{quote(path)}?{urlencode({**kept, 'lang': [tag]}, doseq=True)}"
    # A page that answered a form cannot be asked for again by a link; `g.page_href` is then where its reader is.
    return f"{g.get('page_href', '/')}?{urlencode({'lang': tag})}"


def closest(tag: str) -> str:
    """The language in which somebody reads who is registered with this tag: its own, its language's, or English."""
    for candidate in (tag, tag.partition("-")[0]):
        if candidate in languages():
            return candidate
    return SOURCE_LANGUAGE


def text_direction(tag: str) -> str:
    """ "rtl" for a language that is written from right to left, else "ltr"."""
    locale = _locale(tag)
    return locale.text_direction if locale else "ltr"


@lru_cache
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache
def own_name(tag: str) -> str:
    """What a language calls itself."""
    locale = _locale(tag)
    name = locale.get_language_name(tag) if locale else None
    return (name or tag)[:1].upper() + (name or tag)[1:]


@lru_cache
def _read(tag: str) -> Translations | None:
    path = TRANSLATIONS / tag / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return None
    language = tag.partition("@")[0]
    with path.open("rb") as source:
        sentences = read_po(source, locale=language.replace("-", "_"), abort_invalid=True)
    if text_direction(language) == "rtl":
        _isolate_runs(sentences)
    compiled = BytesIO()
    write_mo(compiled, sentences)
    compiled.seek(0)
    return Translations(compiled)


def _isolate_runs(sentences: Catalog) -> None:
    """Marks gaps and examples as runs of their own.

    A phone number or a Dutch name in a sentence that runs from right to left would take its neighbours along (Unicode
    Standard Annex 9).
    """
    isolated = r"\g<0>".join(_ISOLATED)
    for sentence in sentences:
        if isinstance(sentence.string, str):
            sentence.string = _OWN_RUN.sub(isolated, sentence.string)
        elif sentence.string:
            sentence.string = tuple(_OWN_RUN.sub(isolated, form) for form in sentence.string)
