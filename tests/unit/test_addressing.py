"""How customers are addressed: the rules of Dutch names, case by case."""

import pytest

from scheduling.rules import addressing
from scheduling.rules.addressing import (
    Name,
    display_name,
    salutation,
    shorter_salutations,
    sort_key,
    surname,
)

SANNE = {"initials": "S.", "first_name": "Sanne", "infix": "de", "last_name": "Vries"}
BAKERY = "Bakkerij Jansen"


@pytest.mark.parametrize(
    ("name", "formality", "dutch", "english"),
    [
        pytest.param(
            Name("mr", **SANNE), "formal", "Geachte heer De Vries,", "Dear Mr De Vries,", id="formal mr"
        ),
        pytest.param(
            Name("ms", **SANNE), "formal", "Geachte mevrouw De Vries,", "Dear Ms De Vries,", id="formal ms"
        ),
        pytest.param(
            Name("couple", **SANNE),
            "formal",
            "Geachte heer en mevrouw De Vries,",
            "Dear Mr and Mrs De Vries,",
            id="formal couple",
        ),
        pytest.param(
            Name("", **SANNE),
            "formal",
            "Beste Sanne de Vries,",
            "Dear Sanne de Vries,",
            id="formal, no title, first name",
        ),
        pytest.param(
            Name("", "S", "", "de", "Vries"),
            "formal",
            "Geachte S. de Vries,",
            "Dear S. de Vries,",
            id="formal, no title, initials",
        ),
        pytest.param(
            Name(infix="de", last_name="Vries"),
            "formal",
            "Geachte familie De Vries,",
            "Dear De Vries family,",
            id="formal, last name alone",
        ),
        pytest.param(
            Name("mr", first_name="Jo"), "formal", "Beste Jo,", "Dear Jo,", id="formal, title, no last name"
        ),
        pytest.param(
            Name("drs", **SANNE),
            "formal",
            "Beste Sanne de Vries,",
            "Dear Sanne de Vries,",
            id="formal, a title we do not know",
        ),
        pytest.param(Name("mr", **SANNE), "informal", "Beste Sanne,", "Dear Sanne,", id="informal"),
        pytest.param(Name("", **SANNE), "informal", "Beste Sanne,", "Dear Sanne,", id="informal, no title"),
        pytest.param(
            Name("ms", "S.", "", "van der", "Berg"),
            "informal",
            "Beste mevrouw Van der Berg,",
            "Dear Ms Van der Berg,",
            id="informal, no first name, title",
        ),
        pytest.param(
            Name("", "S.", "", "van der", "Berg"),
            "informal",
            "Beste S. van der Berg,",
            "Dear S. van der Berg,",
            id="informal, no first name, initials",
        ),
        pytest.param(
            Name("couple", "", "", "de", "Vries"),
            "informal",
            "Beste familie De Vries,",
            "Dear De Vries family,",
            id="informal couple",
        ),
        pytest.param(
            Name("couple", "", "Sanne en Tom", "de", "Vries"),
            "informal",
            "Beste Sanne en Tom,",
            "Dear Sanne en Tom,",
            id="informal couple by their first names",
        ),
        pytest.param(
            Name(organisation=BAKERY),
            "formal",
            "Beste medewerkers van Bakkerij Jansen,",
            "Dear team at Bakkerij Jansen,",
            id="organisation",
        ),
        pytest.param(
            Name(organisation=BAKERY),
            "informal",
            "Beste medewerkers van Bakkerij Jansen,",
            "Dear team at Bakkerij Jansen,",
            id="organisation, informal",
        ),
        pytest.param(
            Name("ms", **SANNE, organisation=BAKERY),
            "formal",
            "Geachte mevrouw De Vries,",
            "Dear Ms De Vries,",
            id="organisation with a contact",
        ),
        pytest.param(Name(), "formal", "Goedendag,", "Hello,", id="nobody"),
        pytest.param(Name(), "informal", "Hallo,", "Hello,", id="nobody, informal"),
    ],
)
def test_a_customer_is_addressed_as_they_asked(name, formality, dutch, english):
    assert salutation(name, formality=formality, language="nl") == dutch
    assert salutation(name, formality=formality, language="en") == english


@pytest.mark.parametrize(
    ("infix", "last_name", "after_title", "after_initials"),
    [
        ("", "Jansen", "Jansen", "S. Jansen"),
        ("de", "Vries", "De Vries", "S. de Vries"),
        ("van der", "Berg", "Van der Berg", "S. van der Berg"),
        ("'t", "Hart", "'t Hart", "S. 't Hart"),
        ("\u2019t", "Hart", "\u2019t Hart", "S. \u2019t Hart"),
        ("in 't", "Veld", "In 't Veld", "S. in 't Veld"),
        ("van 't", "Hof", "Van 't Hof", "S. van 't Hof"),
        ("", "Jansen-de Vries", "Jansen-de Vries", "S. Jansen-de Vries"),
        ("de", "Vries-van den Berg", "De Vries-van den Berg", "S. de Vries-van den Berg"),
        ("", "de Vries-van den Berg", "De Vries-van den Berg", "S. de Vries-van den Berg"),
        ("", "van der Berg", "Van der Berg", "S. van der Berg"),
        ("van", "van Dijk", "Van Dijk", "S. van Dijk"),
        ("van", "der Berg", "Van der Berg", "S. van der Berg"),
        ("Van den", "Bergh", "Van den Bergh", "S. Van den Bergh"),
        ("", "De Smet", "De Smet", "S. De Smet"),
        ("d'", "Ancona", "D'Ancona", "S. d'Ancona"),
        ("", "d'Ancona", "D'Ancona", "S. d'Ancona"),
        ("", "'s-Gravesande", "'s-Gravesande", "S. 's-Gravesande"),
        ("", "O'Brien", "O'Brien", "S. O'Brien"),
        ("", "jansen", "jansen", "S. jansen"),
        ("", "Öztürk", "Öztürk", "S. Öztürk"),
        (" van   der ", " Berg ,", "Van der Berg", "S. van der Berg"),
    ],
    ids=lambda value: value or "-",
)
def test_an_infix_is_a_capital_only_where_no_name_stands_before_it(
    infix, last_name, after_title, after_initials
):
    name = Name("ms", initials="S", infix=infix, last_name=last_name)

    assert surname(name) == after_title
    assert salutation(name, formality="formal", language="nl") == f"Geachte mevrouw {after_title},"
    assert salutation(name, formality="formal", language="en") == f"Dear Ms {after_title},"
    assert display_name(name, "nl") == after_initials


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("S", "S."),
        ("SM", "S.M."),
        ("s.m", "S.M."),
        ("S.M.", "S.M."),
        ("S. M.", "S.M."),
        ("s m", "S.M."),
        ("Th.", "Th."),
        ("Th.J", "Th.J."),
        ("J.-P.", "J.-P."),
        ("Sanne", "Sanne"),
        ("Ø", "Ø."),
        ("李", "李"),
    ],
)
def test_initials_have_their_dots(typed, shown):
    assert display_name(Name(initials=typed, last_name="Jansen"), "nl") == f"{shown} Jansen"


@pytest.mark.parametrize(
    ("name", "dutch", "english"),
    [
        pytest.param(Name("mr", **SANNE), "Sanne de Vries", "Sanne de Vries", id="first name"),
        pytest.param(Name("ms", "", "", "de", "Vries"), "mevrouw De Vries", "Ms De Vries", id="title alone"),
        pytest.param(Name("mr", "", "", "'t", "Hart"), "de heer 't Hart", "Mr 't Hart", id="mr 't Hart"),
        pytest.param(
            Name("couple", **SANNE),
            "de heer en mevrouw S. de Vries",
            "Mr and Mrs S. de Vries",
            id="couple with initials",
        ),
        pytest.param(
            Name("couple", "", "", "de", "Vries"),
            "de heer en mevrouw De Vries",
            "Mr and Mrs De Vries",
            id="couple",
        ),
        pytest.param(Name("", "", "", "de", "Vries"), "De Vries", "De Vries", id="last name alone"),
        pytest.param(Name(organisation=BAKERY), BAKERY, BAKERY, id="organisation"),
        pytest.param(
            Name("", **SANNE, organisation=BAKERY),
            "Bakkerij Jansen, t.a.v. Sanne de Vries",
            "Bakkerij Jansen, attn Sanne de Vries",
            id="organisation with a contact",
        ),
        pytest.param(
            Name("mr", "", "", "de", "Vries", BAKERY),
            "Bakkerij Jansen, t.a.v. de heer De Vries",
            "Bakkerij Jansen, attn Mr De Vries",
            id="organisation with a contact by title",
        ),
        pytest.param(Name("mr", first_name="Jo"), "Jo", "Jo", id="first name alone"),
        pytest.param(Name("mr"), "Bewoner", "Resident", id="nobody"),
    ],
)
def test_the_name_alone(name, dutch, english):
    assert display_name(name, "nl") == dutch
    assert display_name(name, "en") == english


@pytest.mark.parametrize(
    ("name", "formality", "language", "expected"),
    [
        pytest.param(
            Name("ms", **SANNE),
            "formal",
            "nl",
            ("Geachte mevrouw De Vries,", "Geachte mevrouw,", "Goedendag,", "Dag,"),
            id="title",
        ),
        pytest.param(
            Name("", "W.A.", "Wilhelmina", "de", "Vries"),
            "formal",
            "nl",
            ("Beste Wilhelmina de Vries,", "Geachte W.A. de Vries,", "Goedendag,", "Dag,"),
            id="neutral: the initials are shorter",
        ),
        pytest.param(
            Name("", "J.", "Jo", "", "Smit"),
            "formal",
            "nl",
            ("Beste Jo Smit,", "Goedendag,", "Dag,"),
            id="neutral: the initials are longer",
        ),
        pytest.param(
            Name(first_name="Zoë"), "formal", "nl", ("Beste Zoë,", "Dag,"), id="shorter than Goedendag"
        ),
        pytest.param(Name(first_name="Zoë"), "informal", "nl", ("Beste Zoë,", "Hallo,"), id="informal"),
        pytest.param(
            Name(organisation=BAKERY),
            "formal",
            "nl",
            ("Beste medewerkers van Bakkerij Jansen,", "Beste medewerkers,", "Goedendag,", "Dag,"),
            id="organisation",
        ),
        pytest.param(Name("ms", **SANNE), "formal", "en", ("Dear Ms De Vries,", "Hello,"), id="English"),
        pytest.param(Name(), "informal", "en", ("Hello,",), id="nothing to leave out"),
    ],
)
def test_a_salutation_gets_shorter_step_by_step(name, formality, language, expected):
    assert shorter_salutations(name, formality=formality, language=language) == expected


@pytest.mark.parametrize(
    ("name", "formality", "expected"),
    [
        pytest.param(Name("mr", **SANNE), "formal", "Szanowny Panie,", id="a man, without his surname"),
        pytest.param(Name("ms", **SANNE), "formal", "Szanowna Pani,", id="a woman"),
        pytest.param(Name("couple", **SANNE), "formal", "Szanowni Państwo,", id="a couple"),
        pytest.param(Name("", **SANNE), "formal", "Szanowni Państwo,", id="no title is guessed"),
        pytest.param(Name(organisation=BAKERY), "formal", "Szanowni Państwo,", id="an organisation"),
        pytest.param(Name("ms", **SANNE), "informal", "Dzień dobry, Sanne,", id="no vocative"),
        pytest.param(Name("ms", last_name="Vries"), "informal", "Dzień dobry,", id="no first name"),
        pytest.param(Name(), "informal", "Dzień dobry,", id="nobody at all"),
    ],
)
def test_polish_greets_by_title_or_by_first_name_and_never_by_surname(name, formality, expected):
    assert salutation(name, formality=formality, language="pl") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(Name("ms", **SANNE), "Sanne de Vries", id="the infix as it is"),
        pytest.param(Name("ms", infix="de", last_name="Vries"), "Pani De Vries", id="with a title"),
        pytest.param(Name("couple", infix="de", last_name="Vries"), "Państwo De Vries", id="a couple"),
        pytest.param(Name(), "Mieszkaniec", id="nobody at all"),
    ],
)
def test_a_name_alone_in_polish(name, expected):
    assert display_name(name, "pl") == expected


def test_respelling_our_own_words_leaves_the_name():
    name = Name("", first_name="Łucja")

    chain = shorter_salutations(
        name, formality="informal", language="pl", own_words=lambda text: text.replace("ń", "n")
    )

    assert chain == ("Dzien dobry, Łucja,", "Dzien dobry,")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl-BE", "Geachte mevrouw De Vries,"),
        ("NL", "Geachte mevrouw De Vries,"),
        ("en-GB", "Dear Ms De Vries,"),
        ("cs", "Dear Ms De Vries,"),
        ("", "Dear Ms De Vries,"),
        ("../nl", "Dear Ms De Vries,"),
    ],
)
def test_a_language_without_a_file_reads_english(language, expected):
    assert salutation(Name("ms", **SANNE), formality="formal", language=language) == expected


def test_a_list_is_sorted_without_infix_accents_and_capitals():
    names = [
        Name(infix="van", last_name="Zanten"),
        Name(initials="T", infix="de", last_name="Vries"),
        Name(infix="'t", last_name="Hart"),
        Name(initials="A", last_name="Vries"),
        Name(last_name="Özdemir"),
        Name(organisation="Bakkerij Jansen", last_name="Zuid"),
        Name(last_name="van der Berg"),
        Name(last_name="Østergaard"),
        Name(last_name="De Smet"),
    ]

    shown = [display_name(name, "nl") for name in sorted(names, key=sort_key)]

    assert shown == [
        "Bakkerij Jansen, t.a.v. Zuid",
        "Van der Berg",
        "De Smet",  # Flemish: registered with its capital as one name
        "'t Hart",
        "Østergaard",
        "Özdemir",
        "A. Vries",
        "T. de Vries",
        "Van Zanten",
    ]


def test_nothing_that_a_name_contains_is_taken_for_a_pattern():
    name = Name("mr", last_name="{surname} {0} %s <b>")

    assert salutation(name, formality="formal", language="nl") == "Geachte heer {surname} {0} %s <b>,"


@pytest.mark.parametrize(
    "last_name",
    ["Vries\n\nBcc: x", "Vries\u202egnp", "\ud800Vries", "Vries\0"],
    ids=["line break", "text turned round", "half a character", "nul"],
)
def test_characters_that_are_not_part_of_a_name_are_left_out(last_name):
    shown = salutation(Name("mr", last_name=last_name), formality="formal", language="nl")

    assert shown.startswith("Geachte heer Vries")
    assert shown.isprintable()


def test_a_name_that_cannot_be_seen_is_no_name():
    assert (
        salutation(Name("mr", last_name="\u200b \u200d"), formality="formal", language="nl") == "Goedendag,"
    )


@pytest.mark.parametrize("language", sorted(addressing._languages()))
@pytest.mark.parametrize("formality", ["formal", "informal"])
def test_every_languages_file_is_complete_and_ends_without_a_name(language, formality):
    known = {"surname", "last", "first_name", "initials", "organisation"}
    manners = addressing._read(language)

    for manner in manners.by_formality[formality].values():
        patterns = (*manner.full, *manner.shorter)
        assert all(pattern.text.endswith(",") and pattern.needs <= known for pattern in patterns)
        assert not manner.shorter[-1].needs
    assert not manners.display["neutral"][-1].needs
    assert manners.person.needs == {"organisation", "person"}


def test_dutch_and_english_are_there():
    assert {"nl", "en"} <= addressing._languages()
