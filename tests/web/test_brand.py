"""How the portal looks like the company: its colour, its logo, its name."""

from dataclasses import replace

import pytest

from app import create_app
from tests.page import PageBrowser

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def browser(settings, **values) -> PageBrowser:
    """Over a portal with these settings."""
    return PageBrowser(create_app(replace(settings, **values)).test_client())


def test_the_style_sheet_has_the_companys_colour_for_light_and_dark(settings):
    answer = browser(settings, brand_color="#7a1f5c").get("/brand.css")

    assert answer.response.mimetype == "text/css"
    assert "--brand:#7a1f5c" in answer.html
    assert "prefers-color-scheme:dark" in answer.html


def test_without_a_logo_the_name_stands_there(settings):
    pages = browser(settings)

    assert pages.get("/brand/logo").status == 404
    assert "/brand/logo" not in pages.get("/").html


def test_a_logo_is_shown_with_the_name_for_who_cannot_see_it(settings, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    pages = browser(settings, brand_logo=logo)

    answer = pages.get("/brand/logo")
    (image,) = pages.get("/").tree.iter("img")

    assert (answer.status, answer.response.mimetype) == (200, "image/svg+xml")
    assert (image.get("src"), image.get("alt")) == ("/brand/logo", "Warmtehuis Eemland")


def test_a_companys_name_is_shown_as_it_is_written(settings):
    opened = browser(settings, company_name='<Jansen & Zn> "50%"').get("/")

    assert opened.title.endswith('<Jansen & Zn> "50%"')
    assert '<Jansen & Zn> "50%"' in opened.words


@pytest.mark.parametrize(
    ("phone", "email"),
    [("", ""), ("033 303 90 00", ""), ("", "plan@warm.example")],
    ids=["neither", "phone_alone", "email_alone"],
)
def test_a_page_names_only_the_ways_to_reach_the_company_that_there_are(settings, phone, email):
    html = browser(settings, company_phone=phone, company_email=email).get("/").html

    assert ("tel:" in html, "mailto:" in html) == (bool(phone), bool(email))
