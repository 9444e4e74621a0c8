"""What the doctor says of settings, time and holidays: each check well and ill."""

import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from app.config import Keep, Settings, read_settings
from app.doctor import clock, planning, settings
from app.doctor.findings import FAIL, OK, WARN, Check, Finding, some
from app.portal import Portal
from scheduling.rules.holidays import REGIONS, school_data_until
from tests.environment import ENVIRONMENT, NOW

OUR_TEXTS = Path(__file__).parents[2] / "notifications" / "texts"
SECRET, LINKS = "4f0c9d3be1a27568" * 2, "b7d41c06ae93f528" * 2


@pytest.fixture
def well(tmp_path: Path) -> Settings:
    """Settings of a company that has thought of everything."""
    return replace(
        read_settings({**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.db'}"}),
        public_url="https://afspraak.example.nl",
        trusted_proxies=1,
        secret_key=SECRET,
        link_keys=(LINKS,),
        quiet_hours=read_settings({**ENVIRONMENT, "QUIET_HOURS": "20:00-08:00"}).quiet_hours,
    )


def findings(check: Check, settings: Settings, now: datetime = NOW) -> list[Finding]:
    return list(check(Portal(settings), now))


CHECKS = (
    settings.public_url,
    settings.proxies,
    settings.keys,
    settings.company,
    settings.own_texts,
    settings.logo,
    settings.sending,
    settings.retention,
    settings.demonstration,
    clock.time_zone_data,
    planning.school_holidays,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_company_that_has_thought_of_everything_is_well(well, check):
    assert {finding.state for finding in findings(check, well)} == {OK}


ILL: list[tuple[str, Check, dict[str, object], str, str]] = [
    ("not https", settings.public_url, {"public_url": "http://afspraak.example.nl"}, FAIL, "https"),
    ("this machine", settings.public_url, {"public_url": "http://localhost:5000"}, WARN, "this machine"),
    ("a proxy unknown", settings.proxies, {"trusted_proxies": 0}, WARN, "one network"),
    ("one key twice", settings.keys, {"link_keys": (SECRET,)}, FAIL, "is also one of LINK_KEYS"),
    ("a short key", settings.keys, {"secret_key": "a short key 1234"}, WARN, "SECRET_KEY"),
    ("few characters", settings.keys, {"link_keys": (LINKS, "ab" * 40)}, WARN, "LINK_KEYS no. 2"),
    ("no phone", settings.company, {"company_phone": ""}, WARN, "COMPANY_PHONE not set"),
    ("nothing", settings.company, {"company_phone": "", "company_email": ""}, WARN, "and COMPANY_EMAIL"),
    ("no quiet hours", settings.sending, {"quiet_hours": None}, WARN, "at night"),
    ("a short lease", settings.sending, {"worker_lease_seconds": 5}, WARN, "leave twice"),
    (
        "for ever",
        settings.retention,
        {"keep": Keep(customers=0, messages=365, said=0, history=730)},
        WARN,
        "KEEP_CUSTOMERS, KEEP_SAID is 0",
    ),
    ("demonstration in public", settings.demonstration, {"demo": True}, FAIL, "/demo/"),
]


@pytest.mark.parametrize(
    ("check", "changed", "state", "says"), [case[1:] for case in ILL], ids=[case[0] for case in ILL]
)
def test_a_setting_that_is_well_formed_and_yet_wrong(well, check, changed, state, says):
    ill = [finding for finding in findings(check, replace(well, **changed)) if finding.state != OK]

    assert [finding.state for finding in ill] == [state]
    assert says in ill[0].finding
    assert ill[0].advice
    assert SECRET not in str(ill)


def test_keys_are_never_shown(well):
    for changed in ({}, {"secret_key": "a short key 1234"}, {"link_keys": (SECRET, LINKS)}):
        said = str(findings(settings.keys, replace(well, **changed)))

        assert not [key for key in (SECRET, LINKS, "a short key 1234") if key in said]


def test_texts_of_the_company_that_cannot_be_read(well, tmp_path, monkeypatch):
    folder = tmp_path / "texts"
    (folder / "invitation").mkdir(parents=True)
    assert [finding.state for finding in findings(settings.own_texts, replace(well, texts_dir=folder))] == [
        WARN
    ]
    shutil.copy(OUR_TEXTS / "invitation" / "sms.nl.formal.txt", folder / "invitation")
    portal = Portal(replace(well, texts_dir=folder))
    assert [finding.state for finding in settings.own_texts(portal, NOW)] == [OK]

    # Tests may run as root, who can read everything.
    monkeypatch.setattr("os.access", lambda path, _mode: path.suffix != ".txt")

    (finding,) = settings.own_texts(portal, NOW)
    assert (finding.state, finding.finding) == (FAIL, "cannot be read: invitation/sms.nl.formal.txt")


@pytest.mark.parametrize(
    ("size", "state"), [(200_000, OK), (200_001, WARN), (None, FAIL)], ids=["small", "large", "gone"]
)
def test_the_logo(well, tmp_path, size, state):
    path = tmp_path / "logo.png"
    if size is not None:
        path.write_bytes(b"x" * size)

    assert [finding.state for finding in findings(settings.logo, replace(well, brand_logo=path))] == [state]


@pytest.mark.parametrize("is_known", [True, False])
def test_the_name_of_the_public_address(well, monkeypatch, is_known):
    def resolve(host: str, _port: None) -> list[object]:
        assert host == "afspraak.example.nl"
        if not is_known:
            raise socket.gaierror
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    (finding,) = findings(settings.public_host, well)
    assert finding.state == (OK if is_known else FAIL)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, OK), (2, OK), (-2.1, WARN), (60, WARN), (61, FAIL), (-3600, FAIL)],
)
def test_how_far_clocks_may_be_apart(seconds, state):
    assert clock.difference(timedelta(seconds=seconds)).state == state


def test_a_machine_without_time_zones(well, monkeypatch):
    def unknown(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(clock, "ZoneInfo", unknown)

    assert [finding.state for finding in findings(clock.time_zone_data, well)] == [FAIL]


def test_a_machine_whose_zone_never_changes_its_clocks(well, monkeypatch):
    monkeypatch.setattr(clock, "ZoneInfo", lambda _name: timezone(timedelta(hours=1)))

    assert [finding.state for finding in findings(clock.time_zone_data, well)] == [FAIL]


@pytest.mark.parametrize(("days_left", "state"), [(366, OK), (365, OK), (364, WARN), (0, WARN), (-1, FAIL)])
def test_school_holidays_that_end(well, days_left, state):
    # The region of which the fewest are known decides.
    until = min(school_data_until(region) for region in REGIONS)
    now = datetime(until.year, until.month, until.day, 9, tzinfo=UTC) - timedelta(days=days_left)

    (finding,) = findings(planning.school_holidays, well, now)

    assert (finding.state, until.isoformat() in finding.finding) == (state, True)


def test_a_long_list_is_cut():
    assert some(["a", "b"]) == "a, b"
    assert some(list("abcdefg")) == "a, b, c, d, e and 2 more"


def test_every_check_of_this_file_is_one_that_the_doctor_makes():
    from app.doctor import ALONE

    known: set[Callable[..., object]] = {*CHECKS}
    assert known <= set(ALONE)
