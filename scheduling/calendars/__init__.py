"""Calendars: bytes to values, values to bytes; pure."""

from scheduling.calendars.add_links import google_link, office365_link, outlook_link
from scheduling.calendars.write import CalendarVisit, Method, visit_calendar

__all__ = ["CalendarVisit", "Method", "google_link", "office365_link", "outlook_link", "visit_calendar"]
