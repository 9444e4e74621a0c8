"""Whatever is typed into the form of the details: an answer, never an error of ours, and what is kept can be kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import read_settings
from app.customer.details_form import CHANNELS, LONGEST, read_details
from scheduling.rules.phone import to_e164
from tests.environment import ENVIRONMENT

SHOWN = {
    "phone": "06 12345678",
    "email": "sanne@example.org",
    "channel": "sms",
    "title": "ms",
    "initials": "S.",
    "first_name": "Sanne",
    "infix": "de",
    "last_name": "Vries",
    "formality": "formal",
    "language": "nl",
}
LANGUAGES = ("nl", "en", "pl")
TYPED = st.one_of(
    st.text(max_size=60),
    st.text(max_size=500),
    st.sampled_from(["", " ", "06 87654321", "+31 33 303 90 00", "a@b.nl", "mr", "informal", "letter", "pl"]),
)


@pytest.fixture(scope="module", autouse=True)
def _request(tmp_path_factory):
    """The form words its errors in the language of a page."""
    from app import create_app

    folder = tmp_path_factory.mktemp("form")
    settings = read_settings({**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder / 'none.db'}"})
    with create_app(settings).test_request_context("/?lang=nl"):
        yield


@given(sent=st.dictionaries(st.sampled_from([*SHOWN, "organisation", "persona", "address_id"]), TYPED))
def test_what_is_kept_can_be_kept_and_everything_else_has_an_error(sent):
    filled = read_details(sent, SHOWN, languages=LANGUAGES, channels=CHANNELS)

    assert set(filled.values) | set(filled.errors) <= set(SHOWN)
    assert not set(filled.values) & set(filled.errors) - {"last_name", "channel"}
    for name, value in filled.values.items():
        assert "\0" not in (value or "")
        if name in LONGEST:
            assert len(value or "") <= LONGEST[name]
        if name == "phone" and value is not None:
            assert to_e164(value) == value
    assert filled.values.get("title", "ms") in ("mr", "ms", "couple", "")
    assert filled.values.get("language", "nl") in LANGUAGES


@given(name=st.sampled_from(sorted(SHOWN)))
def test_what_comes_back_as_it_was_shown_changes_nothing(name):
    filled = read_details({name: SHOWN[name]}, SHOWN, languages=LANGUAGES, channels=CHANNELS)

    assert (filled.values, filled.errors) == ({}, {})
