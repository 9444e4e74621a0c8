"""Settings: a bad or missing value stops the start with one line that names it, and exit status 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import config
from app.config import Keep, SettingError, read_environment, read_settings
from tests.environment import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
TWILIO = {
    "SMS_PROVIDER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0123456789abcdef",
    "TWILIO_FROM": "+31612345678",
}

MALFORMED = [
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://host/portal"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "postgresql://host:port/portal"),
    ("SECRET_KEY", "short"),
    ("LINK_KEYS", ","),
    ("LINK_KEYS", "short"),
    ("LINK_KEYS", "a key that is long enough,short"),
    ("PUBLIC_URL", "localhost:5000"),
    ("PUBLIC_URL", "ftp://host"),
    ("PUBLIC_URL", "http://"),
    ("PUBLIC_URL", "http://host:port"),
    ("PUBLIC_URL", "http://host:99999"),
    ("PUBLIC_URL", "http://a host"),
    ("PUBLIC_URL", "http://host/?a=b"),
    ("PUBLIC_URL", "http://["),
    ("COMPANY_NAME", "a\nb"),
    ("COMPANY_PHONE", "12"),
    ("COMPANY_PHONE", "call us"),
    ("COMPANY_EMAIL", "nobody"),
    ("COMPANY_EMAIL", "a@b@c"),
    ("BRAND_COLOR", "green"),
    ("BRAND_COLOR", "#12345"),
    ("BRAND_LOGO", "/nowhere/logo.svg"),
    ("BRAND_LOGO", __file__),
    ("TEXTS_DIR", "/nowhere"),
    ("SMS_PROVIDER", "pigeon"),
    ("MAIL_URL", "http://host"),
    ("MAIL_URL", "smtp://"),
    ("MAIL_URL", "smtp://host:99999"),
    ("MAIL_URL", "smtp://host:port"),
    ("MAIL_FROM", "nobody"),
    ("QUIET_HOURS", "20-8"),
    ("QUIET_HOURS", "25:00-08:00"),
    ("QUIET_HOURS", "20:00-20:00"),
    ("WORKER_LEASE", "0"),
    ("WORKER_LEASE", "-1"),
    ("WORKER_LEASE", "1.5"),
    ("WORKER_LEASE", "soon"),
    ("KEEP_CUSTOMERS", "-1"),
    ("KEEP_MESSAGES", "a year"),
    ("KEEP_SAID", "36501"),
    ("KEEP_HISTORY", "1.5"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "one"),
    ("GEOCODER_URL", "nominatim"),
    ("GEOCODER_URL", "https://host:port"),
    ("DEMO", "yes"),
    ("TWILIO_ACCOUNT_SID", "AC12"),
    ("TWILIO_AUTH_TOKEN", "two words"),
    ("TWILIO_FROM", "0612345678"),
    ("TWILIO_FROM", "a name that is far too long"),
    ("TWILIO_API_URL", "localhost"),
]


def refusal(environ: dict[str, str]) -> SettingError:
    with pytest.raises(SettingError) as raised:
        read_settings({**ENVIRONMENT, **environ})
    assert "\n" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_value_is_refused_by_name(name, value):
    assert refusal({name: value}).name == name
    assert refusal({**TWILIO, name: value}).name in {name, "MAIL_FROM"}


@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_KEYS", "PUBLIC_URL", "COMPANY_NAME"])
@pytest.mark.parametrize("value", ["", "   "])
def test_what_has_no_default_is_asked_for(name, value):
    assert refusal({name: value}).name == name


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_twilio_wants_its_account(name):
    assert refusal({**TWILIO, name: ""}).name == name


def test_a_refusal_never_tells_a_secret():
    for name, value in (("SECRET_KEY", "s3cret"), ("LINK_KEYS", "s3cret"), ("MAIL_URL", "http://u:s3cret@h")):
        assert "s3cret" not in str(refusal({name: value}))
    assert "s3cret" not in str(refusal({"DATABASE_URL": "mysql://u:s3cret@h/d"}))


def test_demonstration_data_and_real_messages_exclude_each_other():
    assert refusal({**TWILIO, "DEMO": "1"}).name == "DEMO"


def test_mail_wants_a_sender():
    assert refusal({"MAIL_URL": "smtp://host", "COMPANY_EMAIL": ""}).name == "MAIL_FROM"


def test_the_defaults_are_those_of_the_interface():
    settings = read_settings({**ENVIRONMENT, "QUIET_HOURS": "", "MAIL_URL": "", "SMS_PROVIDER": ""})

    assert settings.database_url.startswith("sqlite:///")
    assert (settings.sms_provider, settings.mail_url, settings.twilio) == ("console", "console:", None)
    assert (settings.worker_lease_seconds, settings.trusted_proxies) == (60, 0)
    assert settings.mail_from == "afspraak@warmtehuis-eemland.example"
    assert settings.quiet_hours is not None
    assert settings.keep == Keep(customers=730, messages=365, said=365, history=730)
    assert not settings.demo


def test_values_are_read_as_people_write_them():
    settings = read_settings(
        {
            **ENVIRONMENT,
            "DATABASE_URL": "postgresql://u:p%40ss@db/portal",
            "LINK_KEYS": " the newest key of all , an older key of ours ",
            "PUBLIC_URL": "https://bezoek.example/",
            "COMPANY_PHONE": "033 303 90 00",
            "BRAND_COLOR": "#AABBCC",
        }
    )

    assert settings.database_url == "postgresql+psycopg://u:p%40ss@db/portal"
    assert settings.link_keys == ("the newest key of all", "an older key of ours")
    assert settings.public_url == "https://bezoek.example"
    assert settings.brand_color == "#aabbcc"
    assert settings.uses_https


@pytest.mark.parametrize("sender", ["+31612345678", "MG" + "0" * 32, "Warmtehuis"])
def test_twilio_senders(sender):
    account = read_settings({**ENVIRONMENT, **TWILIO, "TWILIO_FROM": sender}).twilio

    assert account is not None
    assert account.sender == sender


def test_dotenv_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / ".env").write_text('COMPANY_NAME="From the file"\nWORKER_LEASE=90\nMAIL_FROM=a@b.example\n')

    read = read_environment({"COMPANY_NAME": "From outside", "MAIL_FROM": ""})

    assert read == {"COMPANY_NAME": "From outside", "WORKER_LEASE": "90"}


def test_a_dotenv_that_is_no_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / ".env").write_bytes(b"COMPANY_NAME=\xff\xfe\n")

    with pytest.raises(SettingError) as raised:
        read_environment({})

    assert raised.value.name == ".env"


@pytest.mark.parametrize(
    ("name", "value"),
    [("LINK_KEYS", ""), ("PUBLIC_URL", ""), ("BRAND_COLOR", "green"), ("DATABASE_URL", "nonsense")],
)
def test_a_start_with_a_bad_value_is_one_line_and_exit_status_2(name, value):
    environ = {**os.environ, **ENVIRONMENT, name: value}

    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{name}: ")
