"""What every customer's door keeps: a GET never writes, the number of queries is the same, names never break a page."""

from datetime import timedelta

import pytest

from tests.factories import A_THURSDAY, EIGHT, NOON, TEN, TWO, a_window, working
from tests.web.customers import a_household, book, cancel, queries, statements, writes
from tests.web.names import ODD_NAMES

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


def personal_paths(household) -> list[str]:
    """Every GET door of a personal link."""
    under = ("", "/review", f"/review?window={household.windows[1]}", "/change", "/cancel", "/other")
    more = (
        "/change/review",
        f"/change/review?window={household.windows[1]}",
        "/other/received",
        "/visit.ics",
    )
    return [f"{household.href}{path}" for path in (*under, *more)]


def test_a_get_never_writes(page, app, household):
    doors = ["/", "/healthz", "/readyz", "/brand.css", "/nothing-here", *personal_paths(household)]
    with statements(app) as before:
        for path in doors:
            page.get(path)
    book(page, household)
    shared = f"/visit/{household.visit().code}"
    with statements(app) as while_booked:
        for path in (*doors, shared, f"{household.href}?lang=en"):
            page.get(path)
            page.open(path, method="HEAD")
    cancel(page, household)
    with statements(app) as cancelled:
        for path in (*doors, shared):
            page.get(path)

    assert writes([*before, *while_booked, *cancelled]) == []
    assert household.visit().sequence == 1


def test_the_counting_would_notice_a_write(page, app, household):
    with statements(app) as seen:
        book(page, household)

    assert writes(seen)


def test_a_head_answers_as_a_get_without_a_body(page, household):
    book(page, household)

    for path in ("/", *personal_paths(household)):
        head, get = page.open(path, method="HEAD"), page.get(path)
        assert head.status == get.status, path
        assert head.response.data == b"", path


def test_the_choose_page_asks_as_much_for_200_windows_as_for_2(page, app, database, household):
    with statements(app) as few:
        page.get(household.href)
    with working(database.sessions) as work:
        for number in range(1, 50):
            for starts in (EIGHT, TEN, NOON, TWO):
                a_window(work, day=A_THURSDAY + timedelta(days=number), starts=starts)
    with statements(app) as many:
        opened = page.get(household.href)

    # Two windows on the first of seven days, four on each of the others.
    assert len(opened.windows()) == 2 + 6 * 4
    assert len(queries(many)) == len(queries(few)) <= 8


@pytest.mark.parametrize("state", ["choose", "booked", "cancelled"])
@ON_SQLITE
def test_a_page_asks_as_much_for_three_jobs_as_for_one(page, app, database, state):
    counted = []
    for number, kinds in enumerate((("maintenance",), ("maintenance", "repair", "inspection"))):
        household = a_household(
            app,
            database,
            kinds=kinds,
            capacity=5,
            area={"ref": f"A{number}", "codes": (f"381{number + 1}",)},
            postcode=f"381{number + 1}AB",
            windows=(),
        )
        with working(database.sessions) as work:
            household.windows = [a_window(work, area=f"A{number}", capacity=5, starts=s) for s in (TEN, TWO)]
        if state != "choose":
            book(page, household)
        if state == "cancelled":
            cancel(page, household)
        with statements(app) as seen:
            opened = page.get(household.href)
        assert opened.name == state
        counted.append(len(queries(seen)))

    assert counted[0] == counted[1] <= 8


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
@ON_SQLITE
def test_no_name_breaks_a_page(page, app, database, name, language):
    household = a_household(
        app, database, title="", first_name="", initials="", infix="", last_name=name, language=language
    )

    choosing = page.get(household.href)
    booked = book(page, household)
    asking = page.submit_and_follow(booked, "cancel-visit")
    cancelled = page.submit_and_follow(asking, "cancel-visit")
    other = page.get(f"{household.href}/other")

    for opened in (choosing, booked, cancelled, other):
        assert opened.status == 200
        assert "<script>alert" not in opened.html
    # The whole name, as it is spelled; but nobody's name turns the words around it.
    assert " ".join(name.replace("\u202e", "").split()) in choosing.words
    assert "\u202e" not in choosing.html


@ON_SQLITE
def test_an_organisation_with_an_odd_name_is_greeted_too(page, app, database):
    household = a_household(
        app,
        database,
        title="",
        first_name="",
        initials="",
        infix="",
        last_name="",
        organisation="<i>Bakker & Zn</i>",
    )

    assert "<i>Bakker & Zn</i>" in page.get(household.href).words


@ON_SQLITE
def test_the_customer_is_never_named_before_the_link_was_opened(page, household):
    assert "Vries" not in page.get("/").html
