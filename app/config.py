"""Every setting: its name in the environment, its unit, its default, its meaning.

A malformed or missing value is a `SettingError`, which the doors turn into one line and exit status 2. `.env` in the
project's folder is read if present; the environment wins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from notifications.quiet import QuietHours
from scheduling.links import LinkKeys
from scheduling.rules.phone import NotAPhoneNumber, to_e164

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
SHORTEST_KEY = 16
LONGEST_KEPT_DAYS = 36_500
"""A century; whoever means longer says 0, for ever."""

BRAND_COLOR = "#0b5f5c"

Value = TypeVar("Value")


class SettingError(Exception):
    """A setting that the product cannot start with. Its text is one line that names the setting and the way out."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}")


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """`sender` is a number in E.164 or a messaging service SID; `api_url` only points at a test double."""

    account_sid: str
    auth_token: str
    sender: str
    api_url: str | None


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How many days personal data are kept once their purpose is over; 0: for ever. See docs/decisions/0011.

    `customers`: after the last visit, open job, import or contact. `messages`: texts and recipients of what was sent.
    `said`: what customers wrote to us. `history`: who did what and when.
    """

    customers: int
    messages: int
    said: int
    history: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, checked. See `docs/configuration.md` for what each is for."""

    database_url: str
    secret_key: str
    link_keys: tuple[str, ...]
    public_url: str
    company_name: str
    company_phone: str
    company_email: str
    brand_color: str
    brand_logo: Path | None
    texts_dir: Path | None
    sms_provider: str
    twilio: TwilioAccount | None
    mail_url: str
    mail_from: str
    quiet_hours: QuietHours | None
    worker_lease_seconds: int
    trusted_proxies: int
    geocoder_url: str | None
    keep: Keep
    demo: bool

    @property
    def uses_https(self) -> bool:
        """Whether people reach the portal over TLS; cookies are then kept to it."""
        return self.public_url.startswith("https://")


def read_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`.env` and over it `environ`; empty values count as not set."""
    try:
        merged = {**dotenv_values(ROOT / ".env"), **environ}
    except (OSError, UnicodeDecodeError):
        raise SettingError(".env", "cannot be read as a text file in UTF-8") from None
    return {name: value.strip() for name, value in merged.items() if value and value.strip()}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment. Refuses: SettingError, for the first value that does not do."""
    source = _Source(read_environment(environ))
    sms_provider = source.one_of("SMS_PROVIDER", ("console", "twilio"), "console")
    company_email = source.read("COMPANY_EMAIL", _email, "")
    settings = Settings(
        database_url=source.read("DATABASE_URL", _database_url, f"sqlite:///{INSTANCE / 'portal.db'}"),
        secret_key=source.required("SECRET_KEY", _key),
        link_keys=source.required("LINK_KEYS", _link_keys),
        public_url=source.required("PUBLIC_URL", _http_url),
        company_name=source.required("COMPANY_NAME", _name),
        company_phone=source.read("COMPANY_PHONE", _phone, ""),
        company_email=company_email,
        brand_color=source.read("BRAND_COLOR", _color, BRAND_COLOR),
        brand_logo=source.read("BRAND_LOGO", _image, None),
        texts_dir=source.read("TEXTS_DIR", _folder, None),
        sms_provider=sms_provider,
        twilio=_twilio(source, is_used=sms_provider == "twilio"),
        mail_url=source.read("MAIL_URL", _mail_url, "console:"),
        mail_from=source.read("MAIL_FROM", _email, company_email),
        quiet_hours=source.read("QUIET_HOURS", QuietHours.parse, QuietHours.parse("20:00-08:00")),
        worker_lease_seconds=source.read("WORKER_LEASE", _at_least(1), 60),
        trusted_proxies=source.read("TRUSTED_PROXIES", _at_least(0), 0),
        geocoder_url=source.read("GEOCODER_URL", _http_url, None),
        keep=Keep(
            customers=source.read("KEEP_CUSTOMERS", _days, 730),
            messages=source.read("KEEP_MESSAGES", _days, 365),
            said=source.read("KEEP_SAID", _days, 365),
            history=source.read("KEEP_HISTORY", _days, 730),
        ),
        demo=source.one_of("DEMO", ("0", "1"), "0") == "1",
    )
    return _agreeing(settings)


def _agreeing(settings: Settings) -> Settings:
    if settings.demo and settings.sms_provider == "twilio":
        raise SettingError(
            "DEMO", "demonstration data is never loaded with SMS_PROVIDER=twilio; unset one of them"
        )
    if settings.mail_url != "console:" and not settings.mail_from:
        raise SettingError("MAIL_FROM", "give a sender address (or COMPANY_EMAIL), for MAIL_URL sends e-mail")
    return settings


class _Source:
    """The environment, read one setting at a time; every failure names the setting."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def read(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        text = self._environ.get(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError as error:
            raise SettingError(name, str(error)) from None

    def optional(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        return self.read(name, parse, None)

    def required(self, name: str, parse: Callable[[str], Value]) -> Value:
        if name not in self._environ:
            raise SettingError(
                name, "is not set; set it in the environment or in .env (`make run` sets it for a try)"
            )
        try:
            return parse(self._environ[name])
        except ValueError as error:
            raise SettingError(name, str(error)) from None

    def one_of(self, name: str, values: tuple[str, ...], default: str) -> str:
        value = self._environ.get(name, default)
        if value not in values:
            raise SettingError(name, f"is {value!r}; use one of: {', '.join(values)}")
        return value


def _twilio(source: _Source, *, is_used: bool) -> TwilioAccount | None:
    """The account. Where it isn't used it may be missing, but what is there is still checked."""
    parsers: dict[str, Callable[[str], str]] = {
        "TWILIO_ACCOUNT_SID": _matching(r"AC[0-9a-fA-F]{32}", "AC and 32 hex digits"),
        "TWILIO_AUTH_TOKEN": _matching(r"[!-~]+", "a token without spaces"),
        "TWILIO_FROM": _matching(
            # A sender's name has a letter in it; digits alone are a number that lacks its country.
            r"\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
            "a number like +31612345678 or a messaging service SID (MG and 32 hex digits)",
        ),
    }
    read = source.required if is_used else source.optional
    account_sid, auth_token, sender = (read(name, parse) for name, parse in parsers.items())
    api_url = source.read("TWILIO_API_URL", _http_url, None)
    if not is_used or account_sid is None or auth_token is None or sender is None:
        return None
    return TwilioAccount(account_sid=account_sid, auth_token=auth_token, sender=sender, api_url=api_url)


def _matching(pattern: str, meaning: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is not {meaning}")
        return text

    return parse


def _at_least(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or int(text) < least:
            raise ValueError(f"is {text!r}; use a whole number of at least {least}")
        return int(text)

    return parse


def _days(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > LONGEST_KEPT_DAYS:
        raise ValueError(f"is {text!r}; use a number of days up to {LONGEST_KEPT_DAYS}, or 0 for ever")
    return int(text)


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL; use sqlite:///FILE or postgresql+psycopg://...") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.drivername != "sqlite" or not url.database or url.database == ":memory:":
        raise ValueError("names no database that we know; use sqlite:///FILE or postgresql+psycopg://...")
    return text


def _key(text: str) -> str:
    if len(text) < SHORTEST_KEY:
        raise ValueError(f"is too short; use at least {SHORTEST_KEY} random characters")
    return text


def _link_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    LinkKeys(keys)
    return keys


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    is_plain = re.fullmatch(r"https?://[!-~]+", text) is not None and not re.search(r"[?#\\]", text)
    if not host or port == 0 or not is_plain:
        raise ValueError("is not a web address; use http://HOST or https://HOST")
    return text.rstrip("/")


def _name(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be shown")
    return text


def _phone(text: str) -> str:
    """Shown as the company itself writes it, so only looked at."""
    try:
        to_e164(text)
    except NotAPhoneNumber:
        raise ValueError(
            f"{text!r} is not a phone number; use one like 033 303 90 00 or +31333039000"
        ) from None
    return text


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError(f"{text!r} is not an e-mail address") from None


def _color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"is {text!r}; use a colour like {BRAND_COLOR}")
    return text.lower()


def _image(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in {".svg", ".png", ".webp", ".jpg", ".jpeg"} or not path.is_file():
        raise ValueError(f"{text!r} is not an image file (svg, png, webp or jpg)")
    return path.resolve()


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"{text!r} is not a folder")
    return path.resolve()


def _mail_url(text: str) -> str:
    parts = urlsplit(text)
    if text == "console:":
        return text
    try:
        known = (
            parts.scheme in {"smtp", "smtps"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        known = False
    if not known:
        raise ValueError("is not a mail server; use smtp://USER:PASSWORD@HOST:PORT, smtps://... or console:")
    return text
