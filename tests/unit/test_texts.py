"""Every text that a customer can get: rendered with the longest and oddest names, checked, counted."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.company import Company
from notifications.gsm7 import in_plain_letters, is_gsm7, parts
from notifications.links import CODE, CONTACT_LINK, LINK, Links, masked
from notifications.models import KINDS
from notifications.texts import (
    CALENDAR,
    KINDS_BY_LETTER,
    NAMES,
    NO_LINK,
    OWN_TEXTS,
    REGISTERS,
    Texts,
    TextsError,
)
from notifications.writing import Writer, letter_recipient
from scheduling.links import LinkKeys
from scheduling.reads.correspondence import (
    Correspondence,
    Correspondent,
    ServiceAddress,
    VisitFacts,
    WorkItem,
)
from scheduling.rules.addressing import Name, salutation

KEYS = LinkKeys(("a link key for tests",))
SHORT_URL = "http://localhost:5000"
# The longest that every text is written for: 40 characters, so a link of 40 + 3 + 29 = 72.
LONG_URL = "https://afspraken.warmtehuis-eemland.exa"
PRINCIPAL = "Woningstichting Eemwoningen"
KIND_NAMES = {
    "nl": ("onderhoud", "installatie"),
    "en": ("maintenance", "installation"),
    "pl": ("przegląd", "montaż"),
}
LANGUAGES = tuple(KIND_NAMES)

NAMES_OF_PEOPLE = {
    "plain": Name("mr", "P.", "Piet", "de", "Vries"),
    "unknown title": Name("", "S.", "", "", "Jansen"),
    "with a diaeresis": Name("ms", "Z.", "Zoë", "", "Daniëls"),
    "long and double": Name("couple", "A.B.", "Wilhelmina", "van den", "Berghe-van der Meulen tot Oostwoud"),
    "Polish": Name("ms", "M.", "Małgorzata", "", "Wiśniewska-Zając"),
    "long with a diaeresis": Name("ms", "M.", "Mariëlle-Eugénie", "van der", "Feltz-Ørsted Groeneweg-Briët"),
    "three hundred letters": Name("mr", "X.", "X" * 300, "", "Y" * 300),
    "braces": Name("mr", "P.", "{company}", "", "{0} {"),
    "our own placeholder": Name("ms", "P.", "[[link]]", "", "[[[link]]]"),
    "script": Name("", "", "<b>Bo</b>", "", "<script>alert(1)</script>"),
    "emoji": Name("", "", "😀" * 40, "", "😀"),
    "Cyrillic": Name("mr", "И.", "Иван", "", "Достоевский"),
    "organisation": Name(
        organisation="Vereniging van Eigenaars Residentie 't Paviljoen aan de Eem te Amersfoort"
    ),
    "nobody at all": Name(),
}


def company(public_url=SHORT_URL, **facts):
    known = {
        "name": "Warmtehuis Eemland",
        "phone": "033 303 90 00",
        "email": "afspraak@warmtehuis-eemland.example",
    }
    return Company(**{**known, **facts}, public_url=public_url, brand_color="#0f5c63")


def about(
    name=NAMES_OF_PEOPLE["plain"], *, language="nl", formality="formal", principal="", has_visit=True, works=2
):
    """A correspondence about onderhoud en installatie on Wednesday 25 November, 10:00 to 12:00, 1 hour 45."""
    names = KIND_NAMES.get(language[:2], KIND_NAMES["en"])
    work = [
        WorkItem(
            n,
            f"J{n}",
            names[n - 1],
            names[n - 1],
            45 * n,
            1,
            f"Prepare {n}.",
            "",
            "",
            principal,
            "",
            None,
            None,
            None,
        )
        for n in range(1, works + 1)
    ]
    visit = VisitFacts(
        visit_id=1,
        visit_ref="V-1",
        uid="uid@example",
        code="c" * 22,
        state="booked",
        sequence=0,
        window_id=1,
        local_day=date(2026, 11, 25),
        starts_at=datetime(2026, 11, 25, 9, tzinfo=UTC),
        ends_at=datetime(2026, 11, 25, 11, tzinfo=UTC),
        time_zone="Europe/Amsterdam",
        minutes=105,
        places=1,
        booked_by="customer",
        booked_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        changed_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    )
    return Correspondence(
        invitation_id=1,
        link_version=1,
        correspondent=Correspondent(
            1, "K1", name, formality, language, "sms", "+31612345678", "p@example.org"
        ),
        works=work,
        address=ServiceAddress(1, "3811AB", "3811", "12a", "Langestraat", "Amersfoort", "NL"),
        visit=visit if has_visit else None,
    )


TEXTS = Texts()


@pytest.fixture
def texts():
    return TEXTS


WITHOUT_VISIT = ("invitation", "link", "contact-check", "contact-changed")
MORE = {
    "cancellation": {"undo_until": "14:35"},
    "contact-check": {"link": CONTACT_LINK},
    "contact-changed": {"new_phone": "78", "new_email": "", "gone_phone": "", "gone_email": ""},
    "plan": {"count": "100"},
    "notice": {"moved": "", "cancelled": ""},
}
"""What only these kinds know."""


def write(texts, correspondence, *, kind, channel, public_url=SHORT_URL, **facts):
    writer = Writer(company(public_url, **facts), texts, Links(public_url, KEYS))
    return writer.write(
        correspondence,
        kind=kind,
        channel=channel,
        tells_of_visit=kind not in WITHOUT_VISIT,
        more=MORE.get(kind, {}),
    )


def links_in(text):
    return text.count(LINK) + text.count(CONTACT_LINK)


EVERY_TEXT = [
    pytest.param(
        kind,
        language,
        formality,
        principal,
        id=f"{kind}-{language}-{formality}-{'principal' if principal else 'own'}",
    )
    for kind, language, formality, principal in product(KINDS, LANGUAGES, REGISTERS, ("", PRINCIPAL))
]


@pytest.mark.parametrize(("kind", "language", "formality", "principal"), EVERY_TEXT)
@pytest.mark.parametrize("public_url", [SHORT_URL, LONG_URL], ids=["short link", "long link"])
def test_an_sms_has_two_parts_at_most_whatever_the_name(kind, language, formality, principal, public_url):
    links = Links(public_url, KEYS)
    assert len(LONG_URL) == 40

    for label, name in NAMES_OF_PEOPLE.items():
        whom = about(name, language=language, formality=formality, principal=principal)
        sms = write(TEXTS, whom, kind=kind, channel="sms", public_url=public_url)

        filled = links.fill(sms.body, invitation_id=1, version=1, contact_change_id=1)
        assert parts(filled).segments == sms.segments <= 2, label
        assert links_in(sms.body) == (0 if kind in NO_LINK else 1), label
        assert "Warmtehuis Eemland" in sms.body, label
        assert principal in sms.body, label


@pytest.mark.parametrize(("kind", "language", "formality", "principal"), EVERY_TEXT)
def test_a_plain_name_leaves_the_whole_text_and_its_salutation(texts, kind, language, formality, principal):
    whom = about(language=language, formality=formality, principal=principal)

    sms = write(texts, whom, kind=kind, channel="sms", public_url=LONG_URL)

    greeting = salutation(whom.correspondent.name, formality=formality, language=language)
    assert sms.body.startswith(f"{in_plain_letters(greeting)}\n")
    assert is_gsm7(sms.body.replace(LINK, "").replace(CONTACT_LINK, ""))
    said_only_in_full = {
        "invitation": ("onderhoud", "maintenance", "przeglad"),
        "link": ("persoonlijke link", "personal link", "od firmy"),
        "contact-check": ("binnen 7 dagen", "within 7 days", "7 dni"),
        "contact-changed": ("uit een eerder bericht", "in an earlier message", "wczesniejsz"),
    }
    a_day = ("woensdag 25 november", "Wednesday 25 November", "sroda, 25 listopada")
    assert said_only_in_full.get(kind, a_day)[LANGUAGES.index(language)] in sms.body


@pytest.mark.parametrize(("language", "formality"), list(product(LANGUAGES, REGISTERS)))
@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ("moved", ("Gewijzigd:", "Changed:", "Zmiana terminu:")),
        ("cancelled", ("Gaat niet door:", "Cancelled:", "Odwolane:")),
    ],
)
def test_a_notice_says_what_it_is_about_within_two_parts(language, formality, turn, words):
    writer = Writer(company(LONG_URL), TEXTS, Links(LONG_URL, KEYS))
    said = words[LANGUAGES.index(language)]

    def notice(whom, channel):
        found = writer.write(
            whom, kind="notice", channel=channel, more={"moved": "", "cancelled": "", turn: "x"}
        )
        assert found is not None
        return found

    for label, name in NAMES_OF_PEOPLE.items():
        whom = about(name, language=language, formality=formality, principal=PRINCIPAL)
        assert notice(whom, "sms").segments <= 2, label

    whom = about(language=language, formality=formality)
    assert said in notice(whom, "sms").body
    assert said in notice(whom, "email").subject.replace("ł", "l")
    assert "Langestraat 12" in notice(whom, "sms").body


@pytest.mark.parametrize("formality", REGISTERS)
@pytest.mark.parametrize("kind", ["invitation", "confirmation", "change", "restored", "link"])
def test_a_name_outside_the_alphabet_keeps_its_place_where_the_short_text_fits(texts, kind, formality):
    whom = about(NAMES_OF_PEOPLE["with a diaeresis"], formality=formality)

    sms = write(texts, whom, kind=kind, channel="sms")

    assert sms.body.startswith("Geachte mevrouw Daniëls,\n" if formality == "formal" else "Beste Zoë,\n")
    assert sms.segments == 2


def test_where_the_name_does_not_fit_the_salutation_loses_it_and_the_text_is_whole_again(texts):
    whom = about(NAMES_OF_PEOPLE["long with a diaeresis"])

    sms = write(texts, whom, kind="confirmation", channel="sms", public_url=LONG_URL)

    assert sms.body.startswith(
        "Geachte mevrouw,\nWarmtehuis Eemland komt op woensdag 25 november tussen 10:00 en 12:00 bij u langs"
    )


@pytest.mark.parametrize(
    ("formality", "first_line"), [("formal", "Szanowna Pani,"), ("informal", "Dzień dobry, Małgorzata,")]
)
def test_a_polish_sms_is_spelled_plainly_only_where_its_own_letters_do_not_fit(texts, formality, first_line):
    """With its own letters an SMS has 134 places; the whole confirmation takes more, the short one does not."""
    whom = about(NAMES_OF_PEOPLE["Polish"], language="pl", formality=formality)

    sms = write(texts, whom, kind="confirmation", channel="sms")

    assert sms.body.startswith(f"{first_line}\n")
    assert is_gsm7(sms.body.replace(LINK, "")) == (formality == "formal")
    assert ("sroda, 25 listopada" if formality == "formal" else "śr., 25 lis, 10:00-12:00") in sms.body


def test_a_name_in_a_plain_sms_keeps_its_spelling(texts):
    whom = about(NAMES_OF_PEOPLE["plain"], language="pl", principal="Spółdzielnia Łąki")

    sms = write(texts, whom, kind="link", channel="sms")

    assert "na zlecenie Spółdzielnia Łąki" in sms.body


def test_a_company_and_a_principal_that_fit_nowhere_are_written_plainly_and_cut(texts):
    whom = about(principal="Coöperatie " + "Lang " * 40)

    sms = write(texts, whom, kind="confirmation", channel="sms", public_url=LONG_URL, name="Daniëls " * 20)

    assert sms.segments == 2
    assert LINK in sms.body
    assert "Daniels Daniels" in sms.body
    assert "Coöperatie Lang" in sms.body


@pytest.mark.parametrize(("kind", "language", "formality", "principal"), EVERY_TEXT)
def test_every_email_is_whole(texts, kind, language, formality, principal):
    whom = about(language=language, formality=formality, principal=principal)

    email = write(texts, whom, kind=kind, channel="email")

    greeting = salutation(whom.correspondent.name, formality=formality, language=language)
    assert email.body.startswith(f"{greeting}\n\n")
    assert "Warmtehuis Eemland" in email.subject
    assert "\n" not in email.subject
    assert principal in email.subject
    assert principal in email.body
    assert "{" not in email.body + email.subject
    assert "[with" not in email.body + email.subject
    assert "\n\n\n" not in email.body


@pytest.mark.parametrize(("kind", "language", "formality", "principal"), EVERY_TEXT)
def test_every_letter_says_how_to_answer_and_kinds_without_a_letter_give_none(
    texts, kind, language, formality, principal
):
    whom = about(language=language, formality=formality, principal=principal)

    letter = write(texts, whom, kind=kind, channel="letter")

    if kind not in KINDS_BY_LETTER:
        assert letter is None or kind in ("restored", "link")
        return
    assert (CODE in letter.body) == (kind != "withdrawal")
    assert (LINK in letter.body) == (kind != "withdrawal")
    assert principal in letter.body


@pytest.mark.parametrize("kind", ["confirmation", "change", "restored", "cancellation", "withdrawal"])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_texts_about_a_visit_say_its_day_and_window(texts, kind, channel):
    dutch = write(texts, about(), kind=kind, channel=channel)
    english = write(texts, about(language="en"), kind=kind, channel=channel)

    assert re.search(r"woensdag 25 november tussen 10:00 en 12:00", dutch.body)
    assert re.search(r"Wednesday 25 November between 10:00 and 12:00", english.body)


def test_an_email_about_a_visit_says_how_long_it_takes_and_when_it_is_done(texts):
    email = write(texts, about(), kind="confirmation", channel="email")

    # 45 + 60 minutes are given as 1 hour 45 by the visit; 12:00 + 1:45 = 13:45.
    assert "ongeveer 1 uur en 45 minuten, klaar om uiterlijk 13:45" in email.body
    assert "onderhoud en installatie" in email.body
    assert "Prepare 1. Prepare 2." in email.body
    assert "Langestraat 12a, 3811 AB Amersfoort" in email.body


def test_a_withdrawal_without_a_visit_speaks_of_none(texts):
    message = write(texts, about(has_visit=False, works=0), kind="withdrawal", channel="email")

    assert "U hoeft geen tijd meer te kiezen." in message.body
    assert "tussen" not in message.body
    assert LINK not in message.body


FILES = sorted(OWN_TEXTS.glob("*/*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_file_of_ours_speaks_in_the_wrong_register_or_alphabet(path):
    written = path.read_text(encoding="utf-8")

    if path.name.endswith("nl.informal.txt") or path.parent.name == CALENDAR:
        assert not re.search(r"\b(u|uw)\b", written, re.IGNORECASE)
    if path.name.endswith("nl.formal.txt") or path.parent.name == CALENDAR:
        assert not re.search(r"\b(je|jij|jou|jouw)\b", written, re.IGNORECASE)
    if path.name.endswith("pl.informal.txt") or path.parent.name == CALENDAR:
        assert not re.search(r"\b(państw\w*|pana?|pani|prosimy)\b", written, re.IGNORECASE)
    if path.name.endswith("pl.formal.txt") or path.parent.name == CALENDAR:
        assert not re.search(
            r"\b(ty|ci|cię|ciebie|tobie|tobą|twój|two(ja|je|jego|jej|im|ją|ich|imi))\b",
            written,
            re.IGNORECASE,
        )
    if path.name.startswith("sms"):
        assert is_gsm7(in_plain_letters(written))
    if path.name.startswith("sms") and ".pl." not in path.name:
        assert is_gsm7(written)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_phone_number_never_stands_without_another_way_beside_it(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if "{phone}" in line:
            other_way = (
                "{email}" in line or "{portal}" in line or "[without email]" in line or "sms" in path.name
            )
            whole = path.read_text(encoding="utf-8")
            assert other_way
            assert "{link}" in whole or "{letter_code}" in whole or "{email}" in line or "{portal}" in line


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("nl", "Geachte"),
        ("nl-BE", "Geachte"),
        ("NL", "Geachte"),
        ("cs", "Dear"),
        ("zh-Hant-TW", "Dear"),
        ("en-GB", "Dear"),
    ],
)
def test_a_language_without_texts_falls_back_to_english(texts, tag, expected):
    message = write(texts, about(language=tag), kind="invitation", channel="sms")

    assert message.body.startswith(expected)
    assert message.language == ("nl" if expected == "Geachte" else "en")


@given(
    first=st.text(max_size=80),
    last=st.text(max_size=80),
    organisation=st.text(max_size=60),
    language=st.sampled_from(LANGUAGES),
    formality=st.sampled_from(REGISTERS),
)
def test_no_name_breaks_a_text(first, last, organisation, language, formality):
    whom = about(Name("ms", "", first, "", last, organisation), language=language, formality=formality)

    sms = write(TEXTS, whom, kind="confirmation", channel="sms", public_url=LONG_URL)
    email = write(TEXTS, whom, kind="confirmation", channel="email")

    assert sms.segments <= 2
    assert sms.body.count(LINK) == email.body.count(LINK) == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", sms.body)
    assert "\n" not in email.subject


@pytest.fixture
def folder(tmp_path):
    def with_file(where: str, written: str | bytes) -> Path:
        path = tmp_path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written if isinstance(written, bytes) else written.encode())
        return tmp_path

    return with_file


def test_a_companys_own_text_wins_over_ours_and_the_rest_stays(folder):
    own = folder(
        "invitation/sms.nl.formal.txt",
        "{salutation}\n{company} groet u. [ok]\n[with principal] {principal}\n{link}\n",
    )

    texts = Texts(own)

    assert write(texts, about(), kind="invitation", channel="sms").body == (
        f"Geachte heer De Vries,\nWarmtehuis Eemland groet u. [ok]\n{LINK}"
    )
    assert "Verzetten" in write(texts, about(), kind="confirmation", channel="sms").body


def test_a_company_may_add_a_language(folder):
    own = folder("link/sms.cs.formal.txt", "{salutation}\n{company}: {link}\n[with principal] {principal}\n")

    message = write(Texts(own), about(language="cs", formality="informal"), kind="link", channel="sms")

    assert message.language == "cs"
    assert f"Warmtehuis Eemland: {LINK}" in message.body


GOOD = "{salutation}\n{company} {link}\n[with principal] {principal}\n"


@pytest.mark.parametrize(
    ("where", "written", "reason"),
    [
        pytest.param(
            "invitation/sms.nl.formal.txt", GOOD + "{naam}", "{naam} is not known", id="unknown placeholder"
        ),
        pytest.param(
            "invitation/sms.nl.formal.txt", GOOD + "{day}", "{day} may be empty", id="placeholder of a visit"
        ),
        pytest.param("invitation/sms.nl.formal.txt", GOOD + "{phone}", "[with phone]", id="unguarded"),
        pytest.param("invitation/sms.nl.formal.txt", GOOD + "{company", "brace", id="open brace"),
        pytest.param(
            "invitation/sms.nl.formal.txt", GOOD + "{company!r}", "a name and nothing else", id="conversion"
        ),
        pytest.param("invitation/sms.nl.formal.txt", GOOD + "{company.name}", "not known", id="attribute"),
        pytest.param("invitation/sms.nl.formal.txt", GOOD + "{}", "not known", id="empty braces"),
        pytest.param(
            "invitation/sms.nl.formal.txt", GOOD + "[with naam] hoi", "[with naam]", id="unknown condition"
        ),
        pytest.param(
            "invitation/sms.nl.formal.txt",
            "{salutation}\n{company}\n[with principal] {principal}",
            "{link}",
            id="no link",
        ),
        pytest.param(
            "invitation/sms.nl.formal.txt", "{salutation}\n{company} {link}", "{principal}", id="no principal"
        ),
        pytest.param(
            "invitation/sms.nl.formal.txt",
            "Hallo {salutation}\n{company} {link}",
            "begins with",
            id="no salutation first",
        ),
        pytest.param("invitation/sms.nl.formal.txt", " \n", "is empty", id="empty"),
        pytest.param("invitation/sms.nl.formal.txt", b"\xff\xfe", "UTF-8", id="not UTF-8"),
        pytest.param(
            "invitation/email.nl.formal.txt", "{salutation} {company} {link}", "subject", id="no subject"
        ),
        pytest.param(
            "invitation/sms.nl.formel.txt", GOOD, "no message is called that", id="misspelt register"
        ),
        pytest.param("uitnodiging/sms.nl.formal.txt", GOOD, "no message is called that", id="unknown kind"),
        pytest.param(
            "calendar/summary.nl.txt", "{phone}", "{phone} is not known", id="a phone number in a calendar"
        ),
        pytest.param(
            "calendar/summary.nl.txt", "{link}", "{link} is not known", id="a personal link in a calendar"
        ),
    ],
)
def test_a_text_that_does_not_do_stops_the_start_with_one_line(folder, where, written, reason):
    with pytest.raises(TextsError) as refused:
        Texts(folder(where, written))

    assert reason in str(refused.value)
    assert where in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_kind_exists_in_every_language_and_register(texts):
    for kind, name, language, register in product(KINDS, NAMES, LANGUAGES, REGISTERS):
        is_told = name != "letter" or kind in KINDS_BY_LETTER
        assert ((kind, name, language, register) in texts.all()) == is_told


def test_the_link_is_filled_in_for_the_customer_and_masked_for_staff():
    links = Links(SHORT_URL + "/", KEYS)
    body = f"Kies: {LINK} of {CODE}"

    filled = links.fill(body, invitation_id=7, version=2)

    token = KEYS.personal_token(7, 2)
    code = KEYS.letter_code(7, 2)
    assert filled == f"Kies: {SHORT_URL}/v/{token} of {code[:4]}-{code[4:]}"
    assert len(links.in_full_length(LINK)) == len(links.personal(7, 2))
    assert masked(body) == "Kies: … of …"


@pytest.mark.parametrize("kind", ["invitation", "confirmation", "change", "cancellation", "restored"])
@pytest.mark.parametrize("language", ["nl", "en", "pl"])
def test_who_may_live_elsewhere_reads_in_an_sms_which_home_it_is_about(texts, kind, language):
    at_home = about(language=language, works=1)
    arranged = replace(at_home, tells_others=True)
    of_several = replace(at_home, has_others=True)

    bodies = [write(texts, whom, kind=kind, channel="sms").body for whom in (at_home, arranged, of_several)]

    assert ["3811 Amersfoort, 12a" in body for body in bodies] == [False, True, True]


def test_a_letter_is_addressed_to_the_door_of_the_visit():
    assert letter_recipient(about()) == "Piet de Vries, Langestraat 12a, 3811 AB Amersfoort"
