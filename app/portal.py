"""What one running portal is made of, put together once from its settings."""

from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

from flask import current_app

from app.config import SettingError, Settings
from notifications.announce import Announcer
from notifications.company import Company
from notifications.links import Links
from notifications.texts import Texts, TextsError
from scheduling.db import Sessions, make_engine, make_sessions
from scheduling.links import LinkKeys


class Portal:
    """The settings, and what is made of them: database, link keys, texts, and whoever writes the messages."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.company = Company(
            name=settings.company_name,
            phone=settings.company_phone,
            email=settings.company_email,
            public_url=settings.public_url,
            brand_color=settings.brand_color,
        )
        self.link_keys = LinkKeys(settings.link_keys)
        self.links = Links(settings.public_url, self.link_keys)
        try:
            self.texts = Texts(settings.texts_dir)
        except TextsError as error:
            raise SettingError("TEXTS_DIR", str(error)) from None
        self.announce = Announcer(
            company=self.company, texts=self.texts, links=self.links, quiet=settings.quiet_hours
        )

    @property
    def public_host(self) -> str:
        """The host, with its port if any, that every link of ours begins with."""
        return urlsplit(self.settings.public_url).netloc

    @cached_property
    def sessions(self) -> Sessions:
        """The database. Connects when first used, so after a server has made its worker processes."""
        return make_sessions(make_engine(self.settings.database_url))


def portal() -> Portal:
    """The portal that this request or command belongs to."""
    found: Portal = current_app.extensions["portal"]
    return found


def now() -> datetime:
    """The present moment. Only the doors ask for it; everything below is handed it."""
    return datetime.now(UTC)
