"""What staff fill in. Format checks only; whether a password is the right one, `app.passwords` says."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from app.customer.forms import typed
from app.passwords import LONGEST

LONGEST_EMAIL = 320
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: no address has them, and PostgreSQL takes no NUL in a text."""


class SignIn(FlaskForm):
    """An account and its password; `next` is where the reader was going."""

    email = StringField(
        validators=[InputRequired(), Length(max=LONGEST_EMAIL), Regexp(PRINTABLE)], filters=[typed]
    )
    password = PasswordField(validators=[InputRequired(), Length(max=LONGEST)])
    next = HiddenField(filters=[typed])


class SetPassword(FlaskForm):
    """The new password, twice: nobody sees what they typed."""

    password = PasswordField()
    password_again = PasswordField()
