"""Parts of an SMS, counted against cases done by hand and against a plain reference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.gsm7 import GSM7, UCS2, Parts, in_plain_letters, is_gsm7, parts

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1, typed over from the standard's tables.
BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = set("\f^{}\\[~]|€")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Parts(GSM7, 0, 1), id="nothing"),
        pytest.param("a" * 160, Parts(GSM7, 160, 1), id="one full part"),
        pytest.param("a" * 161, Parts(GSM7, 161, 2), id="one letter more"),
        pytest.param("a" * 306, Parts(GSM7, 306, 2), id="two full parts, 2 times 153"),
        pytest.param("a" * 307, Parts(GSM7, 307, 3), id="three"),
        pytest.param("a" * 158 + "€", Parts(GSM7, 160, 1), id="a euro sign takes two places"),
        pytest.param("a" * 159 + "€", Parts(GSM7, 161, 2), id="and then does not fit one part"),
        # 152 places, then a euro sign that would lie across the border: the first part stays one place short.
        pytest.param(
            "a" * 152 + "€" + "a" * 151, Parts(GSM7, 305, 2), id="a euro sign at the border, just fits"
        ),
        pytest.param(
            "a" * 152 + "€" + "a" * 152, Parts(GSM7, 306, 3), id="a euro sign is not cut by the border"
        ),
        pytest.param("é" * 160, Parts(GSM7, 160, 1), id="e acute is in the alphabet"),
        pytest.param("ë" + "a" * 69, Parts(UCS2, 70, 1), id="e diaeresis is not"),
        pytest.param("ë" + "a" * 70, Parts(UCS2, 71, 2), id="71 units are two parts"),
        pytest.param("ë" * 134, Parts(UCS2, 134, 2), id="2 times 67"),
        pytest.param("ë" * 135, Parts(UCS2, 135, 3), id="and one more"),
        pytest.param("😀" * 35, Parts(UCS2, 70, 1), id="an emoji takes two units"),
        # 66 units, then an emoji across the border: 66 + 67 - 1 = 132 letters' worth fit, not 134.
        pytest.param("ë" * 66 + "😀" + "ë" * 65, Parts(UCS2, 133, 2), id="an emoji at the border, just fits"),
        pytest.param("ë" * 66 + "😀" + "ë" * 66, Parts(UCS2, 134, 3), id="an emoji is not cut by the border"),
        pytest.param("\x1b", Parts(UCS2, 1, 1), id="the escape itself is no letter"),
    ],
)
def test_parts_are_counted_as_the_standard_says(text, expected):
    counted = parts(text)

    assert counted == expected


def plainly_counted(text: str) -> Parts:
    """The same, slowly: fill one part after another, letter by letter."""
    if set(text) <= BASIC | EXTENSION:
        encoding, sizes = GSM7, [2 if letter in EXTENSION else 1 for letter in text]
        whole, each = 160, 153
    else:
        encoding, sizes = UCS2, [len(letter.encode("utf-16-be")) // 2 for letter in text]
        whole, each = 70, 67
    if sum(sizes) <= whole:
        return Parts(encoding, sum(sizes), 1)
    segments, room = 1, each
    for size in sizes:
        if size > room:
            segments, room = segments + 1, each
        room -= size
    return Parts(encoding, sum(sizes), segments)


LETTERS = st.one_of(
    st.sampled_from(sorted(BASIC)),
    st.sampled_from(sorted(EXTENSION)),
    st.sampled_from("ëï😀漢"),
)


@given(st.text(LETTERS | st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_text_counts_like_the_plain_reference(text):
    assert parts(text) == plainly_counted(text)


@given(st.text(st.sampled_from(sorted(BASIC | EXTENSION)), min_size=140, max_size=480))
def test_long_texts_of_the_plain_alphabet_count_like_the_plain_reference(text):
    assert is_gsm7(text)
    assert parts(text) == plainly_counted(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Zażółć gęślą jaźń", "Zazolc gesla jazn", id="every Polish letter"),
        pytest.param("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "ZAZOLC GESLA JAZN", id="and as capitals"),
        pytest.param("„ł” – ’s", '"l" - \'s', id="quotation marks and a dash"),
        pytest.param("één café für 5 €", "één café für 5 €", id="what the alphabet has stays"),
        pytest.param("Daniëls, coöperatie", "Daniels, coöperatie", id="each letter for itself"),
        pytest.param("Достоевский 😀", "Достоевский 😀", id="what has no likeness stays"),
        pytest.param("Δ Ω", "Δ Ω", id="Greek capitals are in the alphabet"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_letters_outside_the_alphabet_become_their_nearest_in_it(text, expected):
    assert in_plain_letters(text) == expected


@given(st.text())
def test_writing_in_plain_letters_twice_changes_no_more_than_once(text):
    once = in_plain_letters(text)

    assert in_plain_letters(once) == once
    assert parts(once).segments <= parts(text).segments or len(once) > len(text)
