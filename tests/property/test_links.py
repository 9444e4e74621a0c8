from hypothesis import assume, given
from hypothesis import strategies as st

from scheduling.links import (
    BASE62,
    READABLE,
    LinkKeys,
    PersonalLink,
    letter_code_for_people,
    normalise_letter_code,
)

RING = LinkKeys(("the newest of three keys", "the middle of three keys", "the oldest of three keys"))
IDS = st.integers(1, 2**32 - 1)
VERSIONS = st.integers(1, 255)
KEY_TEXTS = st.text(st.characters(codec="utf-8"), min_size=16, max_size=40)


@given(st.lists(KEY_TEXTS, min_size=1, max_size=3), IDS, VERSIONS)
def test_every_token_has_29_characters_and_reads_back(keys, invitation_id, version):
    ring = LinkKeys(tuple(keys))

    token = ring.personal_token(invitation_id, version)

    assert len(token) == 29
    assert set(token) <= set(BASE62)
    assert ring.read_personal_token(token) == PersonalLink(invitation_id, version)


@given(IDS, VERSIONS, st.integers(0, 28), st.sampled_from(BASE62))
def test_a_token_changed_in_any_one_character_opens_nothing(invitation_id, version, position, letter):
    token = RING.personal_token(invitation_id, version)
    assume(token[position] != letter)

    assert RING.read_personal_token(token[:position] + letter + token[position + 1 :]) is None


@given(IDS, VERSIONS, st.integers(0, 28), st.text(BASE62, min_size=1, max_size=3))
def test_a_cut_or_extended_token_opens_nothing(invitation_id, version, position, more):
    token = RING.personal_token(invitation_id, version)

    assert RING.read_personal_token(token[:position]) is None
    assert RING.read_personal_token(token[position:] if position else "") is None
    assert RING.read_personal_token(token + more) is None
    assert RING.read_personal_token(more + token) is None


@given(st.one_of(st.text(max_size=40), st.text(BASE62, min_size=29, max_size=29)))
def test_a_forged_token_opens_nothing_and_raises_nothing(token):
    assert RING.read_personal_token(token) is None


@given(KEY_TEXTS, KEY_TEXTS, IDS, VERSIONS)
def test_another_key_opens_nothing_until_it_joins_the_ring(mine, foreign, invitation_id, version):
    assume(mine != foreign)
    token = LinkKeys((foreign,)).personal_token(invitation_id, version)

    assert LinkKeys((mine,)).read_personal_token(token) is None
    assert LinkKeys((mine, foreign)).read_personal_token(token) == PersonalLink(invitation_id, version)


@given(IDS, VERSIONS)
def test_a_letter_code_survives_being_printed_and_typed(invitation_id, version):
    code = RING.letter_code(invitation_id, version)

    assert normalise_letter_code(letter_code_for_people(code).lower()) == code
    assert RING.matches_letter_code(code, invitation_id, version)


@given(IDS, VERSIONS, st.integers(0, 7), st.sampled_from(READABLE))
def test_a_letter_code_changed_in_any_one_character_does_not_match(invitation_id, version, position, letter):
    code = RING.letter_code(invitation_id, version)
    assume(code[position] != letter)

    assert not RING.matches_letter_code(
        code[:position] + letter + code[position + 1 :], invitation_id, version
    )


@given(st.text(max_size=60))
def test_any_text_is_a_code_of_readable_letters_or_none(text):
    code = normalise_letter_code(text)

    assert code is None or (len(code) == 8 and set(code) <= set(READABLE))
    assert code is None or normalise_letter_code(code) == code
