"""What customers fill in. Format checks only: whether a window may be chosen is the domain's to say."""

import re

from flask import request
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from scheduling.rules.typed import showable

LARGEST_ID = 2**31 - 1
"""What an integer column of PostgreSQL holds; no window or sequence lies above it."""


_DIGITS = re.compile(r"[0-9]{1,10}")
_A_BOOKING = re.compile(r"([0-9]{1,10}):([0-9]{1,10})")


def typed(text: str | None) -> str | None:
    """What was typed, as it may be kept and shown again; a filter for fields."""
    return text and showable(text)


class ChooseWindow(FlaskForm):
    """The window that was marked."""

    window = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_ID)])

    @property
    def window_id(self) -> int:
        """The window of a form that was found valid."""
        return int(self.window.data or 0)


class ConfirmVisit:
    """The window that was reviewed; for a change also which state of the visit was seen.

    Two numbers that nobody types, read by hand: the machinery of forms costs as much as a statement of the booking, and
    the form token was checked before (`security.csrf`).
    """

    def __init__(self) -> None:
        self.window_id = _number(request.form.get("window", ""))
        self.seen_sequence = _number(request.form.get("sequence", ""), otherwise=-1)
        """-1, which no visit has, where the form says nothing."""

    def validate(self) -> bool:
        """Whether it names something that could be a window."""
        return 1 <= self.window_id <= LARGEST_ID


def _number(text: str, *, otherwise: int = 0) -> int:
    return int(text) if _DIGITS.fullmatch(text) else otherwise


class ConfirmPlan(FlaskForm):
    """Which window is wanted for which home: a hidden `booking` of "<home>:<window>" for each."""

    @property
    def bookings(self) -> dict[int, int]:
        """Invitation ids to window ids; what cannot be read is passed over."""
        read = (_A_BOOKING.fullmatch(booking) for booking in request.form.getlist("booking"))
        pairs = [(int(booking[1]), int(booking[2])) for booking in read if booking is not None]
        return {home: window for home, window in pairs if max(home, window) <= LARGEST_ID}


class EnterCode(FlaskForm):
    """The code from a letter, with the postcode it was sent to."""

    code = StringField(validators=[InputRequired(), Length(max=60)], filters=[typed])
    postcode = StringField(validators=[InputRequired(), Length(max=20)], filters=[typed])


class Verify(FlaskForm):
    """What only somebody of the household knows by heart."""

    postcode = StringField(validators=[InputRequired(), Length(max=20)])
    house_number = StringField(validators=[InputRequired(), Length(max=20)])
    next = StringField()


class LeaveWishes(FlaskForm):
    """When it does suit, in the customer's own words."""

    wishes = TextAreaField(validators=[DataRequired(), Length(max=2000)], filters=[typed])
