"""A visit in the customer's calendar, in their language: for the file in an e-mail and for the download.

People share their calendars: nothing in here is personal but the place of the visit. The page that the entry links
to shows the window alone.
"""

from notifications.company import Company
from notifications.texts import Texts
from notifications.writing import address_line, work_values
from scheduling.calendars.write import CalendarVisit
from scheduling.reads.correspondence import Correspondence


def calendar_visit(correspondence: Correspondence, company: Company, texts: Texts) -> CalendarVisit:
    """What `scheduling.calendars.write` needs. Refuses: ValueError without a visit."""
    visit = correspondence.visit
    if visit is None:
        raise ValueError("there is no visit to put into a calendar")
    url = f"{company.public_url.rstrip('/')}/visit/{visit.code}"
    words = {}
    for name in ("summary", "description", "alarm"):
        text = texts.calendar(name, language=correspondence.correspondent.language)
        values = work_values(correspondence, language=text.language)
        words[name] = text.fill(values | {"company": company.name, "url": url}).body
    return CalendarVisit(
        uid=visit.uid,
        sequence=visit.sequence,
        state=visit.state,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        time_zone=visit.time_zone,
        created_at=visit.booked_at,
        changed_at=visit.changed_at,
        summary=words["summary"],
        location=address_line(correspondence.address),
        description=words["description"],
        url=url,
        organizer_name=company.name,
        organizer_email=company.email,
        alarm_text=words["alarm"],
        language=texts.calendar("summary", language=correspondence.correspondent.language).language,
    )
