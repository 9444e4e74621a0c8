"""The customer's own details: seen and corrected after verification, and nothing before it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.customer.details import MOST_CHANGES, MOST_SENT_AGAIN
from notifications.models import Message
from scheduling.models import Contact, Customer, Invitation, WrongRecipient
from tests.environment import NOW
from tests.factories import working
from tests.page import PageBrowser
from tests.web.customers import (
    EMAIL,
    NUMBER,
    PHONE,
    POSTCODE,
    STREET,
    a_household,
    book,
    cancel,
    queries,
    statements,
)

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NEW_PHONE, NEW_EMAIL = "+31611111199", "anna@example.org"


@pytest.fixture
def household(app, database):
    """Mrs S. de Vries, Kerkepad 12, 3811 AB Amersfoort."""
    return a_household(app, database)


def verified(page, household):
    """The page of details, on a device that was verified."""
    asking = page.get(f"{household.href}/details")
    opened = page.submit_and_follow(asking, "verify", postcode=POSTCODE, house_number=NUMBER)
    assert opened.name == "details"
    return opened


def customer_of(household) -> Customer:
    with household.database.sessions.read() as session:
        query = select(Customer).join(Invitation, Invitation.customer_id == Customer.id)
        return session.scalars(query.where(Invitation.id == household.invitation_id)).one()


def contact_link(household, to: str) -> str:
    """The path in the message that asks whether it arrives."""
    with household.database.sessions.read() as session:
        query = select(Message).where(Message.kind == "contact-check", Message.to == to)
        message = session.scalars(query.order_by(Message.id.desc())).first()
        keys = household.app.extensions["portal"].link_keys
        assert message is not None
        return f"/contact/{keys.contact_token(message.contact_change_id)}"


def shown(page_of_details, name: str) -> str:
    """What a field of the form holds."""
    form = page_of_details.form("correct-details")
    for field in form.iter("input"):
        if field.get("name") == name and (field.get("type") != "radio" or field.get("checked") is not None):
            return field.get("value", "")
    raise AssertionError(name)


def test_before_verification_it_asks_and_shows_nothing(page, household):
    asking = page.get(f"{household.href}/details")

    assert (asking.status, asking.name, asking.forms()) == (200, "details", ["verify"])
    for secret in (STREET, "3811 AB", PHONE, "06 87654321", EMAIL, "Sanne"):
        assert secret not in asking.html


def test_after_it_everything_is_there_whole(page, household):
    details = verified(page, household)

    assert STREET in details.words
    assert "3811 AB" in details.words
    assert shown(details, "phone") == "06 87654321"
    assert shown(details, "email") == EMAIL
    assert (shown(details, "title"), shown(details, "infix"), shown(details, "last_name")) == (
        "ms",
        "de",
        "Vries",
    )
    # What was never said is shown as it holds: formal, by SMS.
    assert (shown(details, "formality"), shown(details, "channel"), shown(details, "language")) == (
        "formal",
        "sms",
        "nl",
    )


def test_a_wrong_answer_stays_on_the_page_that_asked(page, household):
    asking = page.get(f"{household.href}/details")

    wrong = page.submit(asking, "verify", postcode="3811AC", house_number=NUMBER)

    assert (wrong.status, wrong.name) == (422, "details")
    assert [field.get("value") for field in wrong.form("verify").iter("input")][2:] == ["3811AC", "12"]
    assert "verify" in wrong.forms()


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org", "//example.org", "staff.overview", "cancel", ""]
)
@ON_SQLITE
def test_nobody_else_decides_where_one_goes_after_verifying(page, household, elsewhere):
    asking = page.get(f"{household.href}/details")

    answer = page.forge(asking, "verify", next=elsewhere, postcode=POSTCODE, house_number=NUMBER)

    assert (answer.status, answer.location) == (303, household.href)


@ON_SQLITE
def test_every_page_leads_to_the_details(page, household):
    choosing = page.get(household.href)
    booked = book(page, household)
    cancelled = cancel(page, household)

    for opened in (choosing, booked, cancelled):
        assert opened.href("Uw gegevens wijzigen") == f"{household.href}/details"


def test_name_manner_and_language_hold_at_once_and_without_a_message(page, household):
    details = verified(page, household)

    saved = page.submit_and_follow(
        details,
        "correct-details",
        first_name="Anna",
        last_name="Bakker",
        infix="",
        title="",
        formality="informal",
        language="en",
        channel="email",
    )

    customer = customer_of(household)
    assert (customer.first_name, customer.infix, customer.last_name) == ("Anna", "", "Bakker")
    assert (customer.title, customer.formality, customer.language) == ("", "informal", "en")
    assert customer.channel == "email"
    assert set(customer.provenance) == {
        "first_name",
        "last_name",
        "infix",
        "title",
        "formality",
        "language",
        "channel",
    }
    assert saved.lang == "en"
    assert "Thank you." in saved.words
    assert household.messages("contact-check") == household.messages("contact-changed") == []
    assert "Dear Anna," in page.get(household.href).words


def test_sending_the_form_untouched_makes_nothing_the_customers_own_word(page, household):
    answer = page.submit_and_follow(verified(page, household), "correct-details")

    customer = customer_of(household)
    assert "Er was niets anders" in answer.words
    assert (customer.provenance, customer.formality, customer.channel) == ({}, "", "")


def test_a_new_number_waits_until_its_link_is_opened(page, app, household):
    waiting = page.submit_and_follow(verified(page, household), "correct-details", phone="06 11111199")
    stranger = PageBrowser(app.test_client())
    path = contact_link(household, NEW_PHONE)
    asking = stranger.get(path)
    after_looking = customer_of(household).phone
    confirmed = stranger.submit(asking, "confirm-contact")

    assert "06 11111199" in waiting.words
    assert shown(waiting, "phone") == "06 87654321"
    assert (asking.status, asking.name, after_looking) == (200, "contact-check", PHONE)
    assert "Vries" not in asking.html
    assert (confirmed.status, confirmed.forms()) == (200, [])
    assert customer_of(household).phone == NEW_PHONE
    assert [message.to for message in household.messages("contact-changed")] == [PHONE]
    assert shown(page.get(f"{household.href}/details"), "phone") == "06 11111199"


@ON_SQLITE
def test_the_link_works_once_and_says_so_afterwards(page, household):
    page.submit_and_follow(verified(page, household), "correct-details", email=NEW_EMAIL)
    path = contact_link(household, NEW_EMAIL)
    asking = page.get(path)

    first, second = page.submit(asking, "confirm-contact"), page.submit(asking, "confirm-contact")

    assert (first.status, second.status) == (200, 200)
    assert len(household.messages("contact-changed")) == 1
    assert page.get(path).forms() == []


@ON_SQLITE
def test_an_old_link_says_kindly_what_to_do(page, household, clock):
    page.submit_and_follow(verified(page, household), "correct-details", phone="06 11111199")
    asking = page.get(contact_link(household, NEW_PHONE))
    clock.shift(timedelta(days=7, seconds=1))

    looked, pressed = page.get(asking.path), page.submit(asking, "confirm-contact")

    for opened in (looked, pressed):
        assert (opened.status, opened.name, opened.forms()) == (410, "contact-check", [])
        assert "Dan sturen we een nieuwe link." in opened.words
    assert customer_of(household).phone == PHONE


@ON_SQLITE
def test_a_personal_link_confirms_nothing_and_a_contact_link_opens_no_page(page, household):
    page.submit_and_follow(verified(page, household), "correct-details", phone="06 11111199")
    token = contact_link(household, NEW_PHONE).rpartition("/")[2]

    assert page.get(f"/contact/{household.token}").status == 404
    assert page.get(f"/v/{token}").status == 404


@ON_SQLITE
def test_it_can_be_sent_again_a_few_times_and_given_up(page, household, clock):
    waiting = page.submit_and_follow(verified(page, household), "correct-details", phone="06 11111199")
    path = contact_link(household, NEW_PHONE)

    again = []
    for _ in range(MOST_SENT_AGAIN + 1):
        clock.shift(1)
        again.append(page.submit(waiting, "send-contact-check").status)
    given_up = page.submit_and_follow(waiting, "cancel-contact-change")

    assert again == [303] * MOST_SENT_AGAIN + [429]
    assert len(household.messages("contact-check")) == 1 + MOST_SENT_AGAIN
    assert "send-contact-check" not in given_up.forms()
    assert page.get(path).status == 410


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("phone", "06 1234", "Dit is geen telefoonnummer."),
        ("phone", "<script>alert(1)</script>", "Dit is geen telefoonnummer."),
        ("email", "sanne@", "Dit is geen e-mailadres."),
        ("email", "a" * 400, "Dit is geen e-mailadres."),
        ("initials", "X" * 51, "Dit is langer dan we kunnen bewaren."),
        ("last_name", "Y" * 401, "Dit is langer dan we kunnen bewaren."),
        ("title", "baron", "Kies een van deze mogelijkheden."),
        ("language", "xx", "Kies een van deze mogelijkheden."),
        ("channel", "pigeon", "Kies een van deze mogelijkheden."),
        ("formality", "rude", "Kies een van deze mogelijkheden."),
    ],
)
@ON_SQLITE
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(page, household, field, typed, says):
    details = verified(page, household)

    answer = page.forge(details, "correct-details", **{"first_name": "Anneke", field: typed})

    assert (answer.status, answer.name) == (422, "details")
    assert says in answer.words
    assert shown(answer, "first_name") == "Anneke"
    if field in ("phone", "email", "initials"):
        assert shown(answer, field) == typed[:400]
    assert customer_of(household).first_name == "Sanne"


@ON_SQLITE
def test_a_form_without_any_name_is_sent_back(page, household):
    answer = page.submit(verified(page, household), "correct-details", first_name=" ", last_name="")

    assert answer.status == 422
    assert "Vul een naam in." in answer.words


@ON_SQLITE
def test_a_channel_has_to_reach_them(page, app, database):
    household = a_household(app, database, phone="+31333039000", email=None, channel="letter")
    details = verified(page, household)

    sms = page.submit(details, "correct-details", channel="sms")
    email = page.submit(details, "correct-details", channel="email")
    both = page.submit(details, "correct-details", channel="sms", phone="06 11111199")

    assert "Een sms kan alleen naar een mobiel nummer." in sms.words
    assert "Vul een e-mailadres in, of kies iets anders." in email.words
    assert (sms.status, email.status, both.status) == (422, 422, 303)


@ON_SQLITE
def test_an_empty_number_is_used_no_longer(page, household):
    page.submit_and_follow(verified(page, household), "correct-details", phone="", channel="email")

    assert customer_of(household).phone is None
    assert [message.to for message in household.messages("contact-changed")] == [PHONE]


@ON_SQLITE
def test_a_number_that_a_stranger_said_is_theirs_is_refused(page, household):
    with working(household.database.sessions) as work:
        values = {"customer_id": customer_of(household).id, "value": NEW_PHONE, "at": NOW}
        work.session.execute(insert(WrongRecipient).values(values))

    answer = page.submit(verified(page, household), "correct-details", phone="06 11111199")

    assert answer.status == 422
    assert "Iemand anders liet ons weten dat dit nummer van hem of haar is." in answer.words
    assert household.messages("contact-check") == []


@ON_SQLITE
def test_changes_are_limited_and_what_was_typed_is_still_there(page, household):
    details = verified(page, household)
    asked = [
        page.submit(details, "correct-details", phone=f"06 1111112{number}").status
        for number in range(MOST_CHANGES)
    ]

    refused = page.submit(details, "correct-details", phone="06 11111199", first_name="Anneke")

    assert asked == [303] * MOST_CHANGES
    assert (refused.status, refused.name, shown(refused, "phone")) == (429, "details", "06 11111199")
    assert "Probeer het over 15 minuten opnieuw." in refused.words


@ON_SQLITE
def test_nothing_is_changed_on_a_device_that_was_not_verified(page, app, household):
    details = verified(page, household)
    waiting = page.submit_and_follow(details, "correct-details", phone="06 11111199")
    stranger = PageBrowser(app.test_client())
    token = stranger.get(household.href).token()
    forms = {
        "details": {"last_name": "Dief", "phone": "06 22222222"},
        "details/send-again": {"field": "phone"},
        "details/give-up": {"field": "phone"},
        "details/right": {},
        "details/language": {"language": "en"},
    }

    for path, values in forms.items():
        answer = stranger.post(f"{household.href}/{path}", {"csrf_token": token, **values})
        assert (answer.status, answer.location) == (303, f"{household.href}/details")

    customer = customer_of(household)
    assert (customer.last_name, customer.language, customer.checked_at) == ("Vries", "nl", None)
    assert len(household.messages("contact-check")) == 1
    assert "send-contact-check" in page.get(waiting.path).forms()


def age(household, **values) -> None:
    household.update(Customer, customer_of(household).id, **values)


def test_after_a_year_it_is_asked_once_whether_it_is_still_right(page, household):
    age(household, imported_at=NOW - timedelta(days=366))
    before = book(page, household)
    verified(page, household)
    asking = page.get(household.href)

    answer = page.submit_and_follow(asking, "still-right")

    assert before.href("Kijkt u het even na") == f"{household.href}/details"
    assert "still-right" not in before.forms()
    assert "Dan laten we alles zoals het is." in answer.words
    assert customer_of(household).checked_at == NOW
    assert "still-right" not in answer.forms() + page.get(household.href).forms()


@pytest.mark.parametrize(
    "newer",
    [
        {"imported_at": NOW - timedelta(days=365)},
        {"checked_at": NOW - timedelta(days=1)},
        {"provenance": {"email": {"source": "staff", "at": (NOW - timedelta(days=9)).isoformat()}}},
    ],
    ids=["imported", "checked", "corrected"],
)
@ON_SQLITE
def test_what_is_known_for_less_than_a_year_is_not_asked(page, household, newer):
    age(household, **{"imported_at": NOW - timedelta(days=800), **newer})

    assert "still-right" not in verified(page, household).forms()


@ON_SQLITE
def test_who_reads_another_language_is_offered_to_be_written_to_in_it(page, household):
    verified(page, household)
    before = page.get(f"{household.href}/details")
    english = page.get(f"{household.href}/details?lang=en")
    after_looking = customer_of(household).language

    page.submit_and_follow(english, "make-language")

    assert "make-language" not in before.forms()
    assert after_looking == "nl"
    assert customer_of(household).language == "en"
    assert "make-language" not in page.get(f"{household.href}/details").forms()


@ON_SQLITE
def test_a_contacts_page_shows_and_corrects_the_contact(page, household):
    with working(household.database.sessions) as work:
        contact = {
            "customer_id": customer_of(household).id,
            "role": "arranges",
            "first_name": "Anna",
            "last_name": "Bakker",
            "phone": "+31622222222",
            "created_at": NOW,
        }
        contact_id = work.session.execute(insert(Contact).values(contact).returning(Contact.id)).scalar_one()
        work.session.execute(
            update(Invitation).where(Invitation.id == household.invitation_id).values(contact_id=contact_id)
        )
    details = verified(page, household)

    answer = page.submit(details, "correct-details", phone="", last_name="Visser")
    page.submit_and_follow(details, "correct-details", last_name="Visser")

    assert (shown(details, "first_name"), shown(details, "phone")) == ("Anna", "06 22222222")
    assert "We hebben een telefoonnummer of een e-mailadres van u nodig." in answer.words
    assert customer_of(household).last_name == "Vries"
    with household.database.sessions.read() as session:
        assert session.get_one(Contact, contact_id).last_name == "Visser"


NAMES = {"script": "<script>alert(1)</script>", "quotes": 'O\'Neill "Zn" & Co', "emoji": "😀" * 60}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@ON_SQLITE
def test_odd_names_come_back_as_they_were_typed(page, household, name):
    saved = page.submit_and_follow(verified(page, household), "correct-details", last_name=name)

    assert shown(saved, "last_name") == name
    assert "<script>alert" not in saved.html
    assert customer_of(household).last_name == name


def test_the_page_asks_as_much_whatever_waits(page, app, household):
    details = verified(page, household)
    with statements(app) as few:
        page.get(details.path)
    page.submit_and_follow(details, "correct-details", phone="06 11111199", email=NEW_EMAIL)
    with statements(app) as many:
        page.get(details.path)

    assert len(queries(few)) == len(queries(many)) <= 9
