"""Telephone numbers as people write them."""

import pytest

from scheduling.rules.phone import NotAPhoneNumber, can_receive_sms, for_people, masked, to_e164


@pytest.mark.parametrize(
    "text",
    ["0612345678", "06-12345678", "06 12 34 56 78", "+31612345678", "0031 6 12345678", "+31 (0)6 1234 5678"],
)
def test_a_mobile_number_has_one_spelling(text):
    assert to_e164(text) == "+31612345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("033 303 90 00", "+31333039000", id="landline"),
        pytest.param("+49 1512 3456789", "+4915123456789", id="another country"),
        pytest.param("0600000001", "+31600000001", id="a range that the library does not know"),
    ],
)
def test_other_numbers_are_read(text, expected):
    assert to_e164(text) == expected


def test_a_number_without_country_code_is_one_of_the_country():
    assert to_e164("01512 3456789", "DE") == "+4915123456789"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "banana",
        "06",
        "06 1234",
        "061234567890",
        "0000000000",
        "112",
        "+999 12345678",
        "06'; DROP",
        "6" * 300,
    ],
)
def test_what_is_nobodys_number_is_refused(text):
    with pytest.raises(NotAPhoneNumber):
        to_e164(text)


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        pytest.param("+31612345678", True, id="mobile"),
        pytest.param("+31600000001", True, id="unknown"),
        pytest.param("+15005550006", True, id="a country where one cannot tell"),
        pytest.param("+31333039000", False, id="landline"),
        pytest.param("+318000199", False, id="free"),
        pytest.param("+319001234567", False, id="paid"),
    ],
)
def test_which_numbers_can_receive_an_sms(e164, expected):
    assert can_receive_sms(e164) is expected


@pytest.mark.parametrize(
    ("e164", "shown", "hidden"),
    [
        ("+31612345678", "06 12345678", "06 •••• ••78"),
        ("+31333039000", "033 303 9000", "033 •••• •00"),
        ("+4915123456789", "+49 1512 3456789", "+49 •••• •••• •89"),
    ],
)
def test_people_see_a_number_as_they_know_it(e164, shown, hidden):
    assert for_people(e164) == shown
    assert masked(e164) == hidden


@pytest.mark.parametrize(
    "e164", ["+31612345678", "+31333039000", "+4915123456789", "+15005550006", "+4512345678"]
)
def test_a_masked_number_keeps_at_most_its_first_group_and_two_digits(e164):
    shown = masked(e164)

    assert shown.endswith(e164[-2:])
    assert shown.count("•") >= 5
    assert e164[-6:-2] not in shown.replace(" ", "")


def test_what_is_not_e164_cannot_be_shown():
    with pytest.raises(NotAPhoneNumber):
        for_people("0612345678")
