"""What holds for every name that anybody can type."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from scheduling.rules.addressing import (
    Name,
    display_name,
    salutation,
    shorter_salutations,
    sort_key,
    surname,
)

# Any character at all, surrogates and controls too, and among them often the ones that names are made of.
texts = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(
        st.sampled_from(
            ["de", "van", "'t", "d'", "Vries", "É", " ", "  ", "-", ".", ",", "\n", "ß", "ŉ", "\u200d"]
        )
    ).map("".join),
)
titles = st.one_of(st.sampled_from(["", "mr", "ms", "couple"]), texts)
names = st.builds(
    Name,
    title=titles,
    initials=texts,
    first_name=texts,
    infix=texts,
    last_name=texts,
    organisation=texts,
)
formalities = st.sampled_from(["formal", "informal", "", "FORMAL"])
languages = st.one_of(st.sampled_from(["nl", "en", "nl-BE", "pl", ""]), st.text(max_size=10))


@given(names, formalities, languages)
@example(Name(), "formal", "nl")
def test_a_salutation_is_one_line_with_a_comma(name, formality, language):
    line = salutation(name, formality=formality, language=language)

    assert line.endswith(",")
    assert not line.endswith(",,")
    assert line[:-1].strip()
    assert "  " not in line
    assert "\n" not in line


@given(names, formalities, languages)
@example(Name(first_name="Zo"), "formal", "nl")
def test_shorter_salutations_begin_full_get_shorter_and_end_in_plain_words(name, formality, language):
    chain = shorter_salutations(name, formality=formality, language=language)

    assert chain[0] == salutation(name, formality=formality, language=language)
    assert all(len(later) < len(earlier) for earlier, later in pairwise(chain))
    assert chain[-1] in ("Dag,", "Hallo,", "Hello,", "Dzień dobry,")


@given(names, languages)
def test_a_name_can_always_be_shown(name, language):
    shown = display_name(name, language)

    assert shown.strip() == shown != ""
    assert "  " not in shown
    shown.encode()


@given(names)
def test_a_surname_and_a_sort_key_can_always_be_made(name):
    assert "  " not in surname(name)
    assert sort_key(name) == sort_key(name).strip()
    sort_key(name).encode()


@given(names, st.sampled_from(["nl", "en"]))
def test_without_a_title_nobody_is_called_one(name, language):
    untitled = Name("", "S.", "Sanne", name.infix, name.last_name)

    line = salutation(untitled, formality="formal", language=language)

    assert not line.startswith(("Geachte heer", "Geachte mevrouw", "Dear Mr", "Dear Ms"))
