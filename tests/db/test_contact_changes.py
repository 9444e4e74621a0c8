"""A new number or address: confirmed where it is, told to the old one, and never taken from the old one before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from notifications.announce import Announcer
from notifications.company import Company
from notifications.compose import Composer
from notifications.links import CONTACT_LINK, LINK, Links, masked
from notifications.models import Message
from notifications.quiet import QuietHours
from notifications.texts import Texts
from scheduling.actions.contact_changes import confirm, give_up, send_again
from scheduling.actions.details import Saved, save, say_all_right
from scheduling.errors import LastWayOut, LinkEnded, LinkUnknown, NotPossible, WrongRecipientRefused
from scheduling.links import LinkKeys
from scheduling.models import Contact, ContactChange, Customer, History, Invitation, WrongRecipient
from scheduling.reads.details import details
from tests.environment import NOW
from tests.factories import an_area, an_invitation, working

COMPANY = Company(
    "Warmtehuis Eemland", "033 303 90 00", "a@warmtehuis-eemland.example", "http://localhost:5000", "#0f5c63"
)
KEYS = LinkKeys(("a link key for tests",))
LINKS = Links(COMPANY.public_url, KEYS)
ANNOUNCER = Announcer(COMPANY, Texts(), LINKS, QuietHours.parse("20:00-08:00"))
OLD, NEW, NEWER, LANDLINE = "+31612345678", "+31687654321", "+31611111199", "+31333039000"
EMAIL, NEW_EMAIL = "sanne@example.org", "sanne@familie-de-vries.example"
AT_NIGHT = NOW + timedelta(hours=12)


@dataclass
class Household:
    """One invited customer, and what happened to their number."""

    database: Any
    invitation_id: int

    def working(self, **how: Any) -> Any:
        """A unit of work that announces."""
        return working(self.database.sessions, announce=ANNOUNCER, **how)

    def save(self, now=NOW, **values: str | None) -> Saved:
        """Corrects on the page."""
        with self.working(now=now) as work:
            return save(work, self.invitation_id, values)

    @property
    def customer(self) -> Customer:
        """As on file."""
        with self.database.sessions.read() as session:
            query = select(Customer).join(Invitation, Invitation.customer_id == Customer.id)
            return session.scalars(query.where(Invitation.id == self.invitation_id)).one()

    def changes(self) -> list[ContactChange]:
        """In the order in which they were asked for."""
        with self.database.sessions.read() as session:
            return list(session.scalars(select(ContactChange).order_by(ContactChange.created_at)))

    def messages(self, kind: str) -> list[Message]:
        """What was written of this kind."""
        with self.database.sessions.read() as session:
            query = select(Message).where(Message.kind == kind)
            return list(session.scalars(query.order_by(Message.id)))

    def waiting(self, now=NOW) -> dict[str, str]:
        """What waits to be confirmed."""
        with self.database.sessions.read() as session:
            found = details(session, self.invitation_id, now).waiting
            return {field: waiting.value for field, waiting in found.items()}


@pytest.fixture
def household(database) -> Household:
    """Mrs De Vries, 06 12345678, invited."""
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work, phone=OLD, email=EMAIL)
    return Household(database, invitation_id)


def test_a_new_number_is_asked_for_where_it_is_and_the_old_one_stays(household):
    saved = household.save(phone=NEW)

    (message,) = household.messages("contact-check")
    assert saved == Saved(is_changed=True, to_confirm=("phone",))
    assert household.customer.phone == OLD
    assert household.waiting() == {"phone": NEW}
    assert (message.channel, message.to, message.due_at) == ("sms", NEW, NOW)
    assert message.answers_customer
    assert CONTACT_LINK in message.body
    assert LINK not in message.body


def test_the_link_of_the_message_stands_for_the_change_and_for_nothing_else(household):
    household.save(phone=NEW)
    (message,), (change,) = household.messages("contact-check"), household.changes()

    sent = LINKS.fill(
        message.body,
        invitation_id=message.invitation_id,
        version=message.link_version,
        contact_change_id=message.contact_change_id,
    )

    token = sent.partition("/contact/")[2].split()[0]
    assert KEYS.read_contact_token(token) == change.id
    assert KEYS.read_personal_token(token) is None
    assert f"/contact/{token}" in sent.splitlines()[2]


def test_an_email_has_the_link_as_a_button_and_staff_see_none(household):
    household.save(email=NEW_EMAIL)
    (change,) = household.changes()

    with household.database.sessions.read() as session:
        message = session.scalars(select(Message).where(Message.kind == "contact-check")).one()
        outgoing = Composer(COMPANY, Texts(), LINKS)(session, message)

    link = f"http://localhost:5000/contact/{KEYS.contact_token(change.id)}"
    assert outgoing.html.count(f'href="{link}"') == 2
    assert "/v/" not in outgoing.html + outgoing.text
    assert "[[" not in outgoing.html + outgoing.text + masked(message.body)


def test_once_confirmed_it_is_in_use_and_the_old_number_is_told(household):
    household.save(phone=NEW)
    (change,) = household.changes()

    with household.working(now=AT_NIGHT) as work:
        confirm(work, change.id)

    (told,) = household.messages("contact-changed")
    customer = household.customer
    assert customer.phone == NEW
    assert customer.provenance["phone"] == {"source": "customer", "at": AT_NIGHT.isoformat()}
    # At night too: whoever lost their number to a thief should see it at once.
    assert (told.channel, told.to, told.due_at) == ("sms", OLD, AT_NIGHT)
    assert "Het eindigt op 21." in told.body
    assert NEW not in told.body
    assert "http" not in told.body
    assert household.waiting() == {}


def test_confirming_twice_is_once(household):
    household.save(phone=NEW)
    (change,) = household.changes()

    for _ in range(2):
        with household.working() as work:
            confirm(work, change.id)

    assert len(household.messages("contact-changed")) == 1


def test_an_email_address_is_asked_and_told_by_email(household):
    household.save(email=NEW_EMAIL)
    (change,) = household.changes()
    with household.working() as work:
        confirm(work, change.id)

    (asked,), (told,) = household.messages("contact-check"), household.messages("contact-changed")
    assert (asked.channel, asked.to) == ("email", NEW_EMAIL)
    assert (told.channel, told.to) == ("email", EMAIL)
    assert "s...@familie-de-vries.example" in told.body
    assert NEW_EMAIL not in told.body
    assert household.customer.email == NEW_EMAIL


def test_where_there_was_none_nobody_has_to_be_told(database):
    with working(database.sessions) as work:
        an_area(work)
        household = Household(database, an_invitation(work, phone=OLD, email=None))
    household.save(email=NEW_EMAIL)
    (change,) = household.changes()

    with household.working() as work:
        confirm(work, change.id)

    assert household.customer.email == NEW_EMAIL
    assert household.messages("contact-changed") == []


def test_a_newer_number_takes_the_place_of_one_that_waits(household):
    household.save(phone=NEW)
    household.save(phone=NEWER, now=NOW + timedelta(minutes=1))
    first, second = household.changes()

    with household.working(now=NOW + timedelta(minutes=2)) as work, pytest.raises(LinkEnded):
        confirm(work, first.id)

    assert household.waiting(NOW + timedelta(minutes=2)) == {"phone": NEWER}
    assert [message.state for message in household.messages("contact-check")] == ["withdrawn", "waiting"]
    with household.working(now=NOW + timedelta(minutes=2)) as work:
        confirm(work, second.id)
    assert household.customer.phone == NEWER


def test_the_link_works_seven_days_and_sending_it_again_gives_it_seven_more(household):
    household.save(phone=NEW)
    (change,) = household.changes()
    six, eight, fourteen = (NOW + timedelta(days=days) for days in (6, 8, 14))

    with household.working(now=six) as work:
        send_again(work, household.invitation_id, "phone")
    with household.working(now=fourteen) as work, pytest.raises(LinkEnded):
        confirm(work, change.id)
    with household.working(now=eight) as work:
        confirm(work, change.id)

    assert household.customer.phone == NEW
    assert len(household.messages("contact-check")) == 2


def test_what_is_given_up_is_neither_sent_nor_confirmed(household):
    household.save(phone=NEW)
    (change,) = household.changes()

    with household.working() as work:
        give_up(work, household.invitation_id, "phone")

    with household.working() as work, pytest.raises(LinkEnded):
        confirm(work, change.id)
    with household.working() as work, pytest.raises(NotPossible):
        send_again(work, household.invitation_id, "phone")
    assert [message.state for message in household.messages("contact-check")] == ["withdrawn"]
    assert household.customer.phone == OLD


def test_a_landline_is_taken_as_it_is_and_told_to_the_old_number(household):
    saved = household.save(phone=LANDLINE)

    (told,) = household.messages("contact-changed")
    assert saved == Saved(is_changed=True, to_confirm=())
    assert household.customer.phone == LANDLINE
    assert (told.channel, told.to) == ("sms", OLD)
    assert household.messages("contact-check") == []


def test_a_landline_that_is_replaced_is_told_by_email(database):
    with working(database.sessions) as work:
        an_area(work)
        household = Household(database, an_invitation(work, phone=LANDLINE, email=EMAIL))

    household.save(phone="+31334567890")

    (told,) = household.messages("contact-changed")
    assert (told.channel, told.to) == ("email", EMAIL)
    assert "Het eindigt op 90." in told.body


def test_a_landline_and_an_address_given_up_at_once_are_both_told(database):
    with working(database.sessions) as work:
        an_area(work)
        household = Household(database, an_invitation(work, phone=LANDLINE, email=EMAIL))

    household.save(phone=None, email=None)

    # Of the landline only while there is still an address to tell it to: it is taken away first.
    told = household.messages("contact-changed")
    assert [(message.channel, message.to) for message in told] == [("email", EMAIL), ("email", EMAIL)]


def test_a_number_that_is_used_no_longer_hears_so_once(household):
    household.save(phone=None)

    (told,) = household.messages("contact-changed")
    assert household.customer.phone is None
    assert household.customer.provenance["phone"]["source"] == "customer"
    assert told.to == OLD
    assert "eindigt op 78 niet meer" in told.body


def test_a_wrong_recipients_number_is_refused_and_nothing_of_the_form_is_kept(household):
    with working(household.database.sessions) as work:
        work.session.execute(
            insert(WrongRecipient).values(customer_id=household.customer.id, value=NEW, at=NOW)
        )

    with pytest.raises(WrongRecipientRefused) as refused:
        household.save(first_name="Anna", phone=NEW)

    assert refused.value.facts == {"field": "phone"}
    assert household.customer.first_name == "Sanne"


def test_a_number_that_turned_out_a_strangers_meanwhile_cannot_be_confirmed(household):
    household.save(phone=NEW)
    (change,) = household.changes()
    with working(household.database.sessions) as work:
        work.session.execute(
            insert(WrongRecipient).values(customer_id=household.customer.id, value=NEW, at=NOW)
        )

    with household.working() as work, pytest.raises(WrongRecipientRefused):
        confirm(work, change.id)

    assert household.customer.phone == OLD


def test_an_unknown_change_is_refused(household):
    with household.working() as work, pytest.raises(LinkUnknown):
        confirm(work, 1)


def test_what_is_the_same_changes_nothing_and_leaves_what_waits(household):
    household.save(phone=NEW)

    saved = household.save(phone=OLD, email=EMAIL, first_name="Sanne")

    assert saved == Saved(is_changed=False, to_confirm=())
    assert household.waiting() == {"phone": NEW}
    assert household.customer.provenance == {}


def test_history_holds_neither_the_old_nor_the_new_number(household):
    household.save(phone=NEW, last_name="Bakker")
    (change,) = household.changes()
    with household.working() as work:
        confirm(work, change.id)

    with household.database.sessions.read() as session:
        rows = session.execute(select(History.event, History.before, History.after)).all()
    assert {"contact_check_asked", "contact_changed", "customer_corrected"} <= {row.event for row in rows}
    assert not any(secret in str(rows) for secret in (OLD, NEW, "Bakker", "54321", "12345678"))


@pytest.fixture
def daughter(household) -> int:
    """Anna, who arranges things for Mrs De Vries; the invitation is hers."""
    with working(household.database.sessions) as work:
        contact_id = work.session.execute(
            insert(Contact)
            .values(
                customer_id=household.customer.id,
                role="arranges",
                first_name="Anna",
                last_name="Bakker",
                phone="+31622222222",
                created_at=NOW,
            )
            .returning(Contact.id)
        ).scalar_one()
        work.session.execute(
            update(Invitation).where(Invitation.id == household.invitation_id).values(contact_id=contact_id)
        )
    return contact_id


def test_a_contacts_link_corrects_the_contact_and_not_the_customer(household, daughter):
    household.save(first_name="Anneke", formality="informal", phone=NEW)
    (change,) = household.changes()
    with household.working() as work:
        confirm(work, change.id)

    with household.database.sessions.read() as session:
        contact = session.get_one(Contact, daughter)
        line = session.scalars(select(History.after).where(History.event == "customer_corrected")).first()
    assert (contact.first_name, contact.formality, contact.phone) == ("Anneke", "informal", NEW)
    assert (household.customer.first_name, household.customer.phone) == ("Sanne", OLD)
    assert household.customer.provenance == {}
    assert line == {"contact_id": daughter, "fields": ["first_name", "formality"]}
    assert [message.to for message in household.messages("contact-changed")] == ["+31622222222"]


def test_a_contact_keeps_one_way_to_be_reached(household, daughter):
    with pytest.raises(LastWayOut):
        household.save(phone=None)


def test_a_contacts_word_does_not_make_the_customers_data_new(household, daughter):
    with household.working() as work:
        say_all_right(work, household.invitation_id)

    assert household.customer.checked_at is None


def test_all_right_is_kept_with_its_moment(household):
    with household.working() as work:
        say_all_right(work, household.invitation_id)

    assert household.customer.checked_at == NOW
