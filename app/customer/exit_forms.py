"""What customers fill in who want no visit, moved, or lost their link. Format checks only."""

from collections.abc import Mapping

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from app.customer.forms import typed
from app.i18n import gettext as _
from scheduling.actions.imports.addresses import AddressRow, Door
from scheduling.actions.imports.values import an_email
from scheduling.rules.exits import CAN_BE_TAKEN_BACK, REASONS
from scheduling.rules.phone import to_e164
from scheduling.rules.postcodes import normalise_house_number, normalise_postcode

COUNTRY = "NL"
LONGEST_NOTE = 500
LONGEST_STREET = 100


class Leave(FlaskForm):
    """Why no visit is wanted, and a word about it for who likes to."""

    reason = StringField(validators=[AnyOf(REASONS)])
    note = TextAreaField(validators=[Length(max=LONGEST_NOTE)], filters=[typed])


class LeavePart(FlaskForm):
    """The same for some of the jobs: who moved, or is not meant, says so of all."""

    reason = StringField(validators=[AnyOf(CAN_BE_TAKEN_BACK)])
    note = TextAreaField(validators=[Length(max=LONGEST_NOTE)], filters=[typed])


def reason_asked_for() -> str:
    """The reason that a link to the page names, to be marked already; empty for none."""
    reason = request.args.get("reason", "")
    return reason if reason in REASONS else ""


class NewAddress(FlaskForm):
    """Where somebody moved to: a postcode, and a house number with its addition, as people write them."""

    postcode = StringField(validators=[InputRequired(), Length(max=20)], filters=[typed])
    house_number = StringField(validators=[InputRequired(), Length(max=20)], filters=[typed])
    street = StringField(validators=[Length(max=LONGEST_STREET)], filters=[typed])

    def read(self) -> tuple[AddressRow | None, Mapping[str, str]]:
        """The address, or None and one sentence for each field that is not right."""
        errors = {}
        postcode = self._read_postcode()
        number = self._read_number()
        if postcode is None:
            errors["postcode"] = _("Fill in the postcode of the new address, for example 1234 AB.")
        if number is None:
            errors["house_number"] = _("Fill in the house number, with the addition if there is one: 12 A.")
        street = " ".join((self.street.data or "").split())
        if len(street) > LONGEST_STREET:
            errors["street"] = _("Use at most %(longest)s characters.", longest=LONGEST_STREET)
        if errors or postcode is None or number is None:
            return None, errors
        return AddressRow(Door(COUNTRY, postcode, *number), street, ""), {}

    def _read_postcode(self) -> str | None:
        try:
            return normalise_postcode((self.postcode.data or "")[:20], COUNTRY)
        except ValueError:
            return None

    def _read_number(self) -> tuple[int, str] | None:
        try:
            return normalise_house_number((self.house_number.data or "")[:20])
        except ValueError:
            return None


class LostLink(FlaskForm):
    """How we reach somebody, and the postcode where they live."""

    reached_at = StringField(validators=[InputRequired(), Length(max=320)], filters=[typed])
    postcode = StringField(validators=[InputRequired(), Length(max=20)], filters=[typed])

    def read(self) -> tuple[tuple[str, str] | None, Mapping[str, str]]:
        """E.164 number or e-mail address with postcode, or None and one sentence for each field that is not right."""
        errors = {}
        reached_at = self._read_reached_at()
        if reached_at is None:
            errors["reached_at"] = _("Fill in a phone number, for example 06 12345678, or an e-mail address.")
        try:
            postcode = normalise_postcode((self.postcode.data or "")[:20], COUNTRY)
        except ValueError:
            postcode = ""
            errors["postcode"] = _("Fill in the postcode of the address that we visit, for example 1234 AB.")
        if reached_at is None or errors:
            return None, errors
        return (reached_at, postcode), {}

    def _read_reached_at(self) -> str | None:
        typed = (self.reached_at.data or "").strip()
        try:
            return an_email(typed[:320]) if "@" in typed else to_e164(typed, COUNTRY)
        except ValueError:
            return None
