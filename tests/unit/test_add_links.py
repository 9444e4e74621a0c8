from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduling.calendars import CalendarVisit, google_link, office365_link, outlook_link

VISIT = CalendarVisit(
    uid="f00d@portal.example",
    sequence=0,
    state="booked",
    # 10:00 to 12:00 in Amsterdam on the day the clocks went forward: summer time, UTC+2.
    starts_at=datetime(2027, 3, 28, 8, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 28, 10, 0, tzinfo=UTC),
    time_zone="Europe/Amsterdam",
    created_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    changed_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    summary="Warmtehuis Eemland: onderhoud & controle",
    location="Langestraat 12, 3811 AB Amersfoort",
    description="Maak de ketel vrij; 50% ruimte + licht.\nTot dan! 🔧",
    url="https://portal.example/visit/0123456789abcdefghijkl",
    organizer_name="Warmtehuis Eemland",
    organizer_email="afspraak@warmtehuis-eemland.example",
    alarm_text="Morgen komt de monteur",
    language="nl",
    attendee_name="Sanne de Vries",
    attendee_email="sanne@home.example",
)
DESCRIPTION = "Maak de ketel vrij; 50% ruimte + licht.\nTot dan! 🔧\n\nhttps://portal.example/visit/0123456789abcdefghijkl"


def query_of(link: str) -> dict[str, str]:
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(link).query, strict_parsing=True, max_num_fields=9).items()
    }


def test_google_gets_the_instants_in_utc_and_every_text_whole():
    link = google_link(VISIT)

    assert link.startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&")
    assert "dates=20270328T080000Z/20270328T100000Z" in link
    assert query_of(link) == {
        "action": "TEMPLATE",
        "text": VISIT.summary,
        "dates": "20270328T080000Z/20270328T100000Z",
        "details": DESCRIPTION,
        "location": VISIT.location,
        "ctz": "Europe/Amsterdam",
    }


@pytest.mark.parametrize(
    ("make", "host"),
    [
        pytest.param(outlook_link, "outlook.live.com", id="outlook"),
        pytest.param(office365_link, "outlook.office.com", id="office365"),
    ],
)
def test_outlook_gets_the_instants_in_utc_and_every_text_whole(make, host):
    link = make(VISIT)

    assert link.startswith(f"https://{host}/calendar/0/deeplink/compose?")
    assert query_of(link) == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": VISIT.summary,
        "startdt": "2027-03-28T08:00:00Z",
        "enddt": "2027-03-28T10:00:00Z",
        "body": DESCRIPTION,
        "location": VISIT.location,
    }


@pytest.mark.parametrize("make", [google_link, outlook_link, office365_link])
def test_a_link_holds_nothing_that_could_leave_its_attribute_or_its_query(make):
    hostile = replace(
        VISIT,
        summary='"><script>alert(1)</script>&dates=0#x',
        location="a\r\nSet-Cookie: b",
        description="nul\0 \ud800 '",
    )

    link = make(hostile)

    assert link.isascii()
    assert not set(link) & set("\"'<> \r\n#")
    assert "dates=0" not in urlsplit(link).query.split("&")
    assert query_of(link)["location"] == "a\nSet-Cookie: b"


@pytest.mark.parametrize("make", [google_link, outlook_link, office365_link])
def test_spaces_are_written_as_percent_20_for_outlook_shows_a_plus(make):
    link = make(replace(VISIT, description="een twee"))

    assert "een%20twee" in link
    assert "+" not in link


@pytest.mark.parametrize("make", [google_link, outlook_link, office365_link])
def test_the_customers_name_and_address_stay_out_of_the_link(make):
    link = make(VISIT)

    assert "Sanne" not in link
    assert "home.example" not in link


@pytest.mark.parametrize("make", [google_link, outlook_link, office365_link])
def test_a_cancelled_visit_is_not_added_anywhere(make):
    with pytest.raises(ValueError, match="cancelled"):
        make(replace(VISIT, state="cancelled"))
