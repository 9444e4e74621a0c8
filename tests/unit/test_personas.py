"""What holds for a kind of customer until they say otherwise."""

import pytest

from scheduling.rules.personas import channel_of, formality_of

PERSONAS = ("", "senior", "family", "business", "institution")


def channel(persona: str, own: str = "", *, phone: bool = True, email: bool = True, sms: bool = True) -> str:
    return channel_of(
        persona,
        own,
        phone="+31612345678" if phone else None,
        email="a@example.org" if email else None,
        can_receive_sms=lambda _number: sms,
    )


@pytest.mark.parametrize("persona", PERSONAS)
def test_families_alone_are_addressed_informally(persona):
    assert formality_of(persona, "") == ("informal" if persona == "family" else "formal")


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("own", ["formal", "informal"])
def test_the_customers_own_manner_wins(persona, own):
    assert formality_of(persona, own) == own


@pytest.mark.parametrize("persona", PERSONAS)
def test_offices_get_e_mail_and_homes_an_sms(persona):
    assert channel(persona) == ("email" if persona in {"business", "institution"} else "sms")


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("own", ["sms", "email", "letter"])
def test_the_customers_own_channel_wins_where_it_reaches_them(persona, own):
    assert channel(persona, own) == own


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("own", ["", "sms", "email", "letter"])
def test_whoever_has_neither_phone_nor_e_mail_gets_a_letter(persona, own):
    assert channel(persona, own, phone=False, email=False) == "letter"


def test_a_landline_gets_no_sms():
    assert channel("senior", "sms", sms=False) == "email"
    assert channel("senior", sms=False, email=False) == "letter"


def test_without_an_e_mail_address_an_office_gets_an_sms():
    assert channel("business", "email", email=False) == "sms"
