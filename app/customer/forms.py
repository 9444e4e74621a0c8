"""What customers fill in. Format checks only: whether a window may be chosen is the domain's to say."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

LARGEST_ID = 2**31 - 1
"""What an integer column of PostgreSQL holds; no window or sequence lies above it."""


def _without_nul(text: str | None) -> str | None:
    # PostgreSQL keeps every character but this one.
    return text and text.replace("\0", "")


class ChooseWindow(FlaskForm):
    """The window that was marked."""

    window = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_ID)])

    @property
    def window_id(self) -> int:
        """The window of a form that was found valid."""
        return int(self.window.data or 0)


class ConfirmVisit(ChooseWindow):
    """The window that was reviewed; for a change also which state of the visit was seen."""

    sequence = IntegerField(default=-1)

    @property
    def seen_sequence(self) -> int:
        """-1, which no visit has, where the form says nothing."""
        return -1 if self.sequence.data is None else int(self.sequence.data)


class EnterCode(FlaskForm):
    """The code from a letter, with the postcode it was sent to."""

    code = StringField(validators=[InputRequired(), Length(max=60)])
    postcode = StringField(validators=[InputRequired(), Length(max=20)])


class Verify(FlaskForm):
    """What only somebody of the household knows by heart."""

    postcode = StringField(validators=[InputRequired(), Length(max=20)])
    house_number = StringField(validators=[InputRequired(), Length(max=20)])


class LeaveWishes(FlaskForm):
    """When it does suit, in the customer's own words."""

    wishes = TextAreaField(validators=[DataRequired(), Length(max=2000)], filters=[_without_nul])
