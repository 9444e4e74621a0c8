"""No visit after all: five reasons, what each ends, what can be taken back, and where somebody moved to."""

import pytest
from sqlalchemy import select, update

from notifications.models import Message
from scheduling.models import Address, ContactHistory, Customer, Invitation, Job, Kind, WrongRecipient
from tests.factories import A_THURSDAY, TEN, a_window, an_area, hours_later, working
from tests.page import PageBrowser
from tests.web.customers import EMAIL, PHONE, STREET, a_household, book

A_QUARTER = 15 * 60


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


@pytest.fixture
def follows_person(database):
    """Maintenance goes along with whoever moves."""
    with working(database.sessions) as work:
        work.session.execute(update(Kind).where(Kind.ref == "maintenance").values(follows="person"))


def leave(page, household, reason, **values):
    leaving = page.get(f"{household.href}/leave")
    assert (leaving.status, leaving.name) == (200, "leave")
    return page.submit_and_follow(leaving, "leave", reason=reason, **values)


def reach(household, *channels):
    """The messages of these channels have arrived."""
    with working(household.database.sessions) as work:
        work.session.execute(
            update(Message).where(Message.channel.in_(channels)).values(state="sent", attempts=1)
        )


def read(household, *columns):
    with household.database.sessions.read() as session:
        return session.execute(select(*columns)).all()


@pytest.mark.parametrize(
    ("reason", "left_heading", "ended_heading"),
    [
        ("done", "Bedankt, dan is het al gedaan", "Dit werk is al gedaan"),
        ("not_needed", "Dank u wel, wij komen niet", "Dit bezoek is niet meer nodig"),
        ("refused", "Wij komen niet", "Dit bezoek is niet meer nodig"),
    ],
)
def test_an_exit_ends_the_link_confirms_itself_and_can_be_undone(
    page, household, reason, left_heading, ended_heading
):
    left = leave(page, household, reason, note="Door de buurman, vorige week")
    ended = page.get(household.href)

    assert (left.status, left.name, left.heading) == (200, "left", left_heading)
    assert (ended.status, ended.name, ended.heading) == (410, "expired", ended_heading)
    assert left.forms() == ended.forms() == ["undo-leave"]
    assert read(household, ContactHistory.kind, ContactHistory.body) == [
        (reason, "Door de buurman, vorige week")
    ]
    (message,) = household.messages("exit")
    assert message.body.startswith("Geachte mevrouw De Vries,\nZoals u ons liet weten, komt ")
    assert "[[link]]" in message.body

    back = page.submit_and_follow(ended, "undo-leave")

    assert (back.status, back.name) == (200, "choose")
    assert [message.state for message in household.messages("exit")] == ["withdrawn"]
    assert book(page, household).name == "booked"


def test_an_exit_cancels_the_visit_and_undoing_it_in_time_brings_it_back(page, household):
    book(page, household)

    asking = page.get(f"{household.href}/leave")
    assert "donderdag 3 december" in asking.words
    left = page.submit_and_follow(asking, "leave", reason="not_needed")

    assert household.visit().state == "cancelled"
    assert household.counters(household.windows[0]) == (1, 0, 1)
    assert "10:15" in left.words  # 10:00 in Amsterdam and a quarter of an hour
    told = {(message.channel, message.kind) for message in household.messages("exit")}
    assert told == {("sms", "exit"), ("email", "exit")}
    assert "donderdag 3 december tussen 10:00 en 12:00" in household.messages("exit")[0].body

    back = page.submit_and_follow(left, "undo-leave")

    assert (back.status, back.name) == (200, "booked")
    assert household.counters(household.windows[0]) == (1, 1, 0)


def test_after_a_quarter_of_an_hour_another_time_is_chosen(page, household, clock):
    book(page, household)
    left = leave(page, household, "refused")
    clock.shift(A_QUARTER)

    back = page.submit_and_follow(left, "undo-leave")

    assert (back.status, back.name) == (200, "cancelled")
    assert household.windows[0] in back.windows()
    assert "restore-visit" not in back.forms()


def test_nothing_chosen_or_too_long_a_note_is_asked_again_and_nothing_is_lost(page, household):
    leaving = page.get(f"{household.href}/leave")

    nothing = page.submit(leaving, "leave", note="Omdat <b>ik</b> het zeg")
    forged = page.forge(leaving, "leave", reason="because")
    long = page.forge(leaving, "leave", reason="done", note="x" * 501)

    assert [(answer.status, answer.name) for answer in (nothing, forged, long)] == [(422, "leave")] * 3
    assert "Omdat <b>ik</b> het zeg" in "".join(nothing.tree.itertext())
    assert long.form("leave").find(".//input[@value='done']").get("checked") is not None
    assert page.get(household.href).name == "choose"


def test_when_the_technician_is_there_it_is_too_late(page, household):
    book(page, household)
    leaving = page.get(f"{household.href}/leave")
    household.update(type(household.visit()), household.visit().id, state="arrived")

    answer = page.submit(leaving, "leave", reason="not_needed")

    assert (answer.status, answer.name) == (409, "booked")
    assert page.follow(page.get(f"{household.href}/leave")).name == "booked"
    assert household.visit().state == "arrived"


def test_sent_twice_it_is_one_exit_and_the_second_answer_says_so(page, household):
    leaving = page.get(f"{household.href}/leave")
    first = page.submit(leaving, "leave", reason="done")
    second = page.submit(leaving, "leave", reason="done")

    assert (first.status, second.status, second.name) == (303, 410, "expired")
    assert len(household.messages("exit")) == 1


def test_work_of_the_house_stays_when_its_customer_moves(page, household):
    book(page, household)

    left = leave(page, household, "moved")
    ended = page.get(household.href)

    assert (left.name, left.heading, left.forms()) == (
        "left",
        "Bedankt voor het doorgeven van uw verhuizing",
        [],
    )
    assert (ended.status, ended.heading, ended.forms()) == (410, "U woont hier niet meer", [])
    # Nobody can take it back, so the place is free at once.
    assert household.counters(household.windows[0]) == (1, 0, 0)
    assert read(household, Job.exit) == read(household, Invitation.exit) == [("moved",)]
    assert read(household, ContactHistory.kind) == [("moved",)]


def verify(page, asking, number="12"):
    return page.submit_and_follow(asking, "verify", postcode="3811AB", house_number=number)


def test_work_of_the_person_goes_along_into_the_windows_of_the_new_area(
    page, household, database, follows_person
):
    with working(database.sessions) as work:
        an_area(work, "SOE", codes=("3761",))
        soest = a_window(work, area="SOE", day=A_THURSDAY, starts=TEN)
    book(page, household)

    asking = leave(page, household, "moved")
    assert (asking.name, asking.forms()) == ("moved", ["verify"])
    assert STREET not in asking.words
    wrong = page.submit(asking, "verify", postcode="3811AB", house_number="13")
    assert (wrong.status, wrong.name) == (422, "moved")
    filling = verify(page, wrong)
    assert (filling.name, filling.forms()) == ("moved", ["new-address"])
    assert "wordt" not in filling.heading
    assert "vervalt de afspraak" in filling.words

    choosing = page.submit_and_follow(
        filling, "new-address", postcode="3761 ab", house_number="7a", street=" Nieuwe   Weg "
    )

    assert (choosing.status, choosing.name, choosing.windows()) == (200, "choose", [soest])
    assert household.visit().state == "cancelled"
    assert household.counters(household.windows[0]) == (1, 0, 0)
    (cancellation, *_) = household.messages("cancellation")
    assert "Toch niet afzeggen" not in cancellation.body
    columns = (Address.postcode, Address.house_number, Address.house_suffix, Address.street, Address.place)
    with database.sessions.read() as session:
        moved_to = session.execute(
            select(*columns, Customer.provenance).join(Customer, Customer.address_id == Address.id)
        ).one()
    assert tuple(moved_to[:5]) == ("3761AB", 7, "A", "Nieuwe Weg", "Soest")
    assert moved_to.provenance["address"]["source"] == "customer"
    assert read(household, ContactHistory.kind) == [("new_address",)]
    reviewing = page.submit_and_follow(choosing, "choose-window", window=soest)
    assert page.submit_and_follow(reviewing, "confirm-visit").name == "booked"


def test_a_visit_goes_along_to_a_new_address_in_the_same_area(page, household, follows_person):
    book(page, household)
    filling = verify(page, leave(page, household, "moved"))

    booked = page.submit_and_follow(filling, "new-address", postcode="3811 AC", house_number="7")

    assert (booked.status, booked.name) == (200, "booked")
    assert household.visit().state == "booked"
    assert [message.kind for message in household.messages("change")][:1] == ["change"]


def test_where_no_area_serves_the_new_address_staff_plan_it(page, household, follows_person):
    filling = verify(page, leave(page, household, "moved"))

    answer = page.submit_and_follow(filling, "new-address", postcode="9711 AB", house_number="7")

    assert (answer.status, answer.name) == (200, "no-windows")
    assert "leave-wishes" in answer.forms()


@pytest.mark.parametrize(
    ("postcode", "number", "wrong"),
    [("", "", {"postcode", "house_number"}), ("12", "7", {"postcode"}), ("3811AC", "x", {"house_number"}),
     ("3811 AB", "12", {"postcode"})],
    ids=["nothing", "no postcode", "no number", "the same"],
)  # fmt: skip
@pytest.mark.usefixtures("follows_person")
def test_an_address_that_cannot_be_is_asked_again(page, household, postcode, number, wrong):
    filling = verify(page, leave(page, household, "moved"))

    answer = page.submit(filling, "new-address", postcode=postcode, house_number=number, street="Weg")

    assert (answer.status, answer.name) == (422, "moved")
    fields = {field.get("name"): field for field in answer.form("new-address").iter("input")}
    assert {name for name, field in fields.items() if field.get("aria-invalid")} == wrong
    assert fields["street"].get("value") == "Weg"
    assert read(household, ContactHistory.kind) == []


def test_who_is_not_verified_moves_nobody(page, household, follows_person):
    asking = leave(page, household, "moved")
    data = {"csrf_token": asking.token(), "postcode": "3811AC"}

    answer = page.post(f"{household.href}/moved", {**data, "house_number": "7"})

    assert (answer.status, answer.name, answer.forms()) == (403, "moved", ["verify"])
    assert read(household, ContactHistory.kind) == []


def test_a_stranger_is_thanked_forgotten_and_cannot_cancel(page, household, app):
    book(page, household)
    reach(household, "sms")

    answer = leave(page, household, "not_for_me")

    assert (answer.status, answer.name, answer.forms()) == (200, "left", [])
    for personal in ("Vries", STREET, "3811", PHONE[-6:], EMAIL, "onderhoud"):
        assert personal not in answer.html
    assert household.visit().state == "booked"
    assert read(household, WrongRecipient.value) == [(PHONE,)]
    assert read(household, Customer.phone, Customer.email) == [(None, EMAIL)]
    assert household.messages("exit") == []
    ended = PageBrowser(app.test_client()).get(household.href)
    assert (ended.status, ended.heading, ended.forms()) == (410, "Dit bericht was niet voor u", [])


def test_after_a_stranger_what_waits_goes_elsewhere_with_the_new_link(page, household):
    book(page, household)
    reach(household, "sms")
    waiting = [message.id for message in household.messages("confirmation") if message.channel == "email"]

    leave(page, household, "not_for_me")

    (message,) = [message for message in household.messages("confirmation") if message.id in waiting]
    assert (message.state, message.link_version) == ("waiting", 2)


def test_one_tap_marks_that_it_is_not_for_me(page, household):
    choosing = page.get(household.href)

    answer = page.get(choosing.href("Niet voor u bedoeld? Laat het weten"))

    assert answer.form("leave").find(".//input[@checked]").get("value") == "not_for_me"
    assert answer.heading == "Was dit bericht niet voor u?"
    assert (
        page.get(f"{household.href}/leave?reason=nonsense").form("leave").find(".//input[@checked]") is None
    )


def test_an_exit_cannot_be_taken_back_when_the_link_has_expired(page, household):
    left = leave(page, household, "done")
    household.end_link(expires_at=hours_later(0))

    answer = page.submit(left, "undo-leave")

    assert (answer.status, answer.name, answer.forms()) == (410, "expired", [])


def test_before_anybody_left_there_is_nothing_to_see_or_to_take_back(page, household):
    token = page.get(household.href).token()

    assert page.follow(page.get(f"{household.href}/left")).name == "choose"
    assert page.follow(page.post(f"{household.href}/come-back", {"csrf_token": token})).name == "choose"


def test_the_code_of_the_letter_that_confirms_leads_to_taking_it_back(page, household):
    leave(page, household, "refused")

    answer = page.submit_and_follow(page.get("/"), "enter-code", code=household.code, postcode="3811AB")

    assert (answer.status, answer.forms()) == (410, ["undo-leave"])
