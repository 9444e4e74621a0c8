import hashlib
import hmac
import string

import pytest

from scheduling.links import (
    BASE62,
    READABLE,
    LinkKeys,
    PersonalLink,
    calendar_uid,
    letter_code_for_people,
    normalise_letter_code,
    visit_code,
    visit_ref,
)

OLD_KEY = "an older key of some length"
NEW_KEY = "a newer key of some length!"
KEYS = LinkKeys((NEW_KEY, OLD_KEY))


def test_a_personal_link_opens_what_it_was_made_for():
    token = KEYS.personal_token(4711, 2)

    assert KEYS.read_personal_token(token) == PersonalLink(invitation_id=4711, version=2)


def test_a_token_is_the_standard_hkdf_and_hmac_worked_out_here():
    # RFC 5869: extract with a salt, expand with the purpose and the block number 1.
    extracted = hmac.new(b"homevisit-portal links", NEW_KEY.encode(), hashlib.sha256).digest()
    subkey = hmac.new(extracted, b"personal-link/1\x01", hashlib.sha256).digest()
    head = b"\x00\x00\x12\x67\x02"  # 4711 = 0x1267, version 2
    packed = head + hmac.new(subkey, head, hashlib.sha256).digest()[:16]

    token = KEYS.personal_token(4711, 2)

    number = 0
    for letter in token:
        number = number * 62 + (string.digits + string.ascii_uppercase + string.ascii_lowercase).index(letter)
    assert number == int.from_bytes(packed, "big")


def test_tokens_stay_the_same_from_one_release_to_the_next():
    keys = LinkKeys(("0123456789abcdef",))

    assert keys.personal_token(1, 1) == "000000WPoT8PlQknjgi2q5UTBdqsG"
    assert keys.letter_code(1, 1) == "3KBPJZNA"


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((), id="no key"),
        pytest.param(("",), id="an empty key"),
        pytest.param(("fifteen letters",), id="fifteen characters"),
        pytest.param((NEW_KEY, "short"), id="a short older key"),
    ],
)
def test_weak_key_rings_are_refused(bad):
    with pytest.raises(ValueError, match="link key"):
        LinkKeys(bad)


def test_a_key_of_sixteen_characters_is_enough():
    assert LinkKeys(("sixteen letters!",)).personal_token(1, 1)


def test_keys_do_not_show_in_a_log_line():
    assert "key of some length" not in repr(KEYS) + str(KEYS)


@pytest.mark.parametrize(
    ("invitation_id", "version"), [(0, 1), (-1, 1), (2**32, 1), (1, 0), (1, 256), (1, -1)]
)
def test_ids_and_versions_out_of_range_are_refused(invitation_id, version):
    with pytest.raises(ValueError, match="outside"):
        KEYS.personal_token(invitation_id, version)
    with pytest.raises(ValueError, match="outside"):
        KEYS.letter_code(invitation_id, version)
    with pytest.raises(ValueError, match="outside"):
        KEYS.matches_letter_code("ABCDEFGH", invitation_id, version)


@pytest.mark.parametrize(("invitation_id", "version"), [(1, 1), (2**32 - 1, 255)])
def test_the_smallest_and_the_largest_token_have_29_characters(invitation_id, version):
    token = KEYS.personal_token(invitation_id, version)

    assert len(token) == 29
    assert KEYS.read_personal_token(token) == PersonalLink(invitation_id, version)


def test_a_link_of_an_older_key_still_opens_and_new_ones_take_the_newest():
    older = LinkKeys((OLD_KEY,)).personal_token(7, 1)
    newest_alone = LinkKeys((NEW_KEY,))

    assert KEYS.read_personal_token(older) == PersonalLink(7, 1)
    assert KEYS.personal_token(7, 1) == newest_alone.personal_token(7, 1)
    assert newest_alone.read_personal_token(older) is None


def test_every_key_is_tried_even_after_one_fits(monkeypatch):
    token = KEYS.personal_token(7, 1)
    compared = []
    compare = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)

    assert KEYS.read_personal_token(token) == PersonalLink(7, 1)
    assert len(compared) == 2  # two keys in the ring, the first of which fits


# 62^29 - 1 is the largest number that 29 characters say; 2^168 the first that does not fit 21 bytes.
TOKEN = KEYS.personal_token(4711, 2)
NOT_TOKENS = {
    "empty": "",
    "cut by one": TOKEN[:-1],
    "cut in half": TOKEN[:14],
    "extended": TOKEN + "0",
    "a zero before": "0" + TOKEN,
    "leading zeros dropped": TOKEN.lstrip("0"),
    "a line end behind": TOKEN + "\n",
    "a space behind": TOKEN[:-1] + " ",
    "lower case": TOKEN.lower(),
    "upper case": TOKEN.upper(),
    "all zeros": "0" * 29,
    "beyond 21 bytes": "z" * 29,
    "other digits": TOKEN[:-1] + "\u0663",
    "full width": TOKEN[:-1] + "\uff21",
    "percent signs": TOKEN[:-3] + "%41",
    "a null": TOKEN[:-1] + "\0",
    "a lone surrogate": TOKEN[:-1] + "\ud800",
    "very long": TOKEN * 10_000,
}


@pytest.mark.parametrize("token", NOT_TOKENS.values(), ids=NOT_TOKENS.keys())
def test_what_is_not_exactly_a_token_opens_nothing(token):
    assert token != TOKEN
    assert KEYS.read_personal_token(token) is None


def test_the_same_number_written_beyond_21_bytes_opens_nothing():
    number = 0
    for letter in TOKEN:
        number = number * 62 + BASE62.index(letter)
    number += 1 << 168
    assert number < 62**29
    letters = []
    for _ in range(29):
        number, remainder = divmod(number, 62)
        letters.append(BASE62[remainder])

    assert KEYS.read_personal_token("".join(reversed(letters))) is None


def test_a_signature_by_the_letter_subkey_opens_no_personal_page():
    extracted = hmac.new(b"homevisit-portal links", NEW_KEY.encode(), hashlib.sha256).digest()
    tokens = {}
    for purpose in (b"personal-link/1", b"letter-code/1", b"feed/1", b""):
        subkey = hmac.new(extracted, purpose + b"\x01", hashlib.sha256).digest()
        head = b"\x00\x00\x12\x67\x02"
        number = int.from_bytes(head + hmac.new(subkey, head, hashlib.sha256).digest()[:16], "big")
        letters = []
        for _ in range(29):
            number, remainder = divmod(number, 62)
            letters.append(BASE62[remainder])
        tokens[purpose] = "".join(reversed(letters))

    opened = [purpose for purpose, token in tokens.items() if KEYS.read_personal_token(token)]

    assert opened == [b"personal-link/1"]


def test_a_version_gives_another_link_and_another_code():
    assert len({KEYS.personal_token(5, version)[7:] for version in range(1, 256)}) == 255
    assert len({KEYS.letter_code(5, version) for version in range(1, 256)}) == 255


def test_a_letter_code_has_eight_characters_without_look_alikes():
    codes = [KEYS.letter_code(number, 1) for number in range(1, 400)]

    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(READABLE)
    assert not set(READABLE) & set("0O1ILU")
    assert letter_code_for_people("ABCDEFGH") == "ABCD-EFGH"


CODE = KEYS.letter_code(4711, 2)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(CODE, id="as it is"),
        pytest.param(letter_code_for_people(CODE), id="as printed"),
        pytest.param(f"  {CODE[:4].lower()} - {CODE[4:].lower()}\n", id="lower case and spaces"),
        pytest.param(" ".join(CODE), id="letter by letter"),
        pytest.param(f"{CODE[:4]}\u2013{CODE[4:]}", id="a long dash"),
        pytest.param(f"{CODE[:4]}\u00a0\u2011{CODE[4:]}", id="a hard space and a hard hyphen"),
        pytest.param(f"{CODE[:4]}.{CODE[4:]}", id="a dot"),
        pytest.param("".join(chr(ord(letter) + 0xFEE0) for letter in CODE), id="full width"),
    ],
)
def test_a_letter_code_is_read_as_people_type_it(typed):
    assert normalise_letter_code(typed) == CODE
    assert KEYS.matches_letter_code(typed, 4711, 2)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param(CODE[:-1], id="cut"),
        pytest.param(CODE + "A", id="extended"),
        pytest.param("0" + CODE[1:], id="a zero"),
        pytest.param("o" + CODE[1:], id="the letter o"),
        pytest.param("1" + CODE[1:], id="a one"),
        pytest.param("U" + CODE[1:], id="a U"),
        pytest.param("\u00df" + CODE[2:], id="a sharp s, which is two letters in capitals"),
        pytest.param("\u0391" + CODE[1:], id="a Greek alpha"),
        pytest.param("\ud800" + CODE[1:], id="a lone surrogate"),
        pytest.param(CODE + "-" * 100_000, id="very long"),
    ],
)
def test_what_is_no_letter_code_is_refused(typed):
    assert normalise_letter_code(typed) is None
    assert not KEYS.matches_letter_code(typed, 4711, 2)


def test_a_letter_code_is_the_invitations_own_and_the_versions():
    assert not KEYS.matches_letter_code(CODE, 4712, 2)
    assert not KEYS.matches_letter_code(CODE, 4711, 3)


def test_a_letter_code_of_an_older_key_still_opens():
    older = LinkKeys((OLD_KEY,)).letter_code(7, 1)

    assert older != KEYS.letter_code(7, 1)
    assert KEYS.matches_letter_code(older, 7, 1)
    assert not LinkKeys((NEW_KEY,)).matches_letter_code(older, 7, 1)


def test_random_names_have_their_form_and_do_not_repeat():
    codes = [visit_code() for _ in range(500)]
    refs = [visit_ref() for _ in range(500)]
    uids = [calendar_uid("portal.example") for _ in range(500)]

    assert all(len(code) == 22 and set(code) <= set(BASE62) for code in codes)
    assert all(ref.startswith("V-") and len(ref) == 11 and set(ref[2:]) <= set(READABLE) for ref in refs)
    assert all(uid.endswith("@portal.example") and len(uid) == 32 + 15 for uid in uids)
    assert len(set(codes)) == len(set(refs)) == len(set(uids)) == 500
    assert 30**9 > 2**40  # a reference has more than 40 bits
