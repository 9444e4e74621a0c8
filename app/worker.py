"""The worker's round: messages that are due, places and data whose time is over, and addresses to be located.

Any number of workers may run. Nothing here holds a transaction open while a supplier answers.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from flask import g

from app.portal import Portal, now, portal
from app.retention import DailySweep
from app.work import carry_out
from notifications.compose import Composer
from notifications.providers import Provider
from notifications.providers.console import Console
from notifications.relay import Relay
from scheduling.actions.attempts import forget_old_attempts
from scheduling.actions.capacity import release_lapsed_holds
from scheduling.actions.geocoding import keep_point
from scheduling.actions.work import WORKER
from scheduling.reads.addresses import AddressToLocate, to_locate
from scheduling.rules.postcodes import place_of
from scheduling.suppliers.geocoder import Geocoder, GeocoderQuery, GeocoderUnavailable, geocoder_for

logger = logging.getLogger("portal.worker")

IDLE_SECONDS = 1.0
HOUSEKEEPING = timedelta(seconds=10)
GEOCODER_PAUSE = timedelta(minutes=5)
"""After a geocoder that did not answer."""

NOTHING_TO_LOCATE_PAUSE = timedelta(minutes=1)
"""After all addresses were located, for looking for new ones reads the whole table."""

ADDRESSES_A_ROUND = 20


@dataclass
class Worker:
    """One worker process. Run it inside an application context."""

    relay: Relay
    geocoder: Geocoder | None
    sweeping: DailySweep
    _housekeeping_at: datetime | None = None
    _geocoder_at: datetime | None = None

    def run_once(self) -> int:
        """Everything that is due now, then back. How many messages were tried."""
        g.actor = WORKER
        self._keep_house()
        return self.relay.run_until_idle()

    def run(self, stop: Event) -> None:
        """Round after round until `stop` is set. A round that fails is logged and tried again."""
        g.actor = WORKER
        while not stop.is_set():
            try:
                self._keep_house()
                is_idle = self.relay.tick() == 0
            except Exception:
                # The worker has to outlive a database that is restarted.
                logger.exception("a round failed")
                is_idle = True
            if is_idle:
                stop.wait(IDLE_SECONDS)

    def _keep_house(self) -> None:
        moment = now()
        if self._housekeeping_at is None or moment - self._housekeeping_at >= HOUSEKEEPING:
            self._housekeeping_at = moment
            carry_out(release_lapsed_holds)
            carry_out(forget_old_attempts)
            self.sweeping.step(moment)
        if self.geocoder is not None and (self._geocoder_at is None or moment >= self._geocoder_at):
            self._locate(self.geocoder)

    def _locate(self, geocoder: Geocoder) -> None:
        with portal().sessions.read() as session:
            waiting = to_locate(session, ADDRESSES_A_ROUND)
        if not waiting:
            self._geocoder_at = now() + NOTHING_TO_LOCATE_PAUSE
        for address in waiting:
            try:
                point = geocoder.locate(_question(address))
                carry_out(keep_point, address.address_id, None if point is None else (point.lat, point.lon))
            except GeocoderUnavailable:
                logger.warning("geocoder out of reach", extra={"facts": {"address": address.address_id}})
                self._geocoder_at = now() + GEOCODER_PAUSE
                return


def _question(address: AddressToLocate) -> GeocoderQuery:
    return GeocoderQuery(
        postcode=address.postcode,
        house_number=address.house_number,
        suffix=address.suffix,
        street=address.street,
        place=address.place,
        country=address.country,
    )


def make_worker(of: Portal) -> Worker:
    """A worker with the providers that the settings name."""
    settings = of.settings
    relay = Relay(
        of.sessions,
        _providers(of),
        compose=Composer(company=of.company, texts=of.texts, links=of.links),
        lease_seconds=settings.worker_lease_seconds,
        now=now,
    )
    geocoder = geocoder_for(settings.geocoder_url, place_of) if settings.geocoder_url else None
    return Worker(relay, geocoder, DailySweep(settings.keep))


def _providers(of: Portal) -> dict[str, Provider]:
    return {"sms": _sms(of), "email": _email(of)}


def _sms(of: Portal) -> Provider:
    account = of.settings.twilio
    if account is None:
        return Console()
    from notifications.providers.twilio import Twilio

    return Twilio(
        account.account_sid,
        account.auth_token,
        sender=account.sender,
        public_url=of.settings.public_url,
        api_url=account.api_url,
    )


def _email(of: Portal) -> Provider:
    settings = of.settings
    if settings.mail_url == "console:":
        return Console()
    from notifications.providers.smtp import Smtp

    return Smtp(
        settings.mail_url,
        sender=settings.mail_from,
        sender_name=settings.company_name,
        reply_to=settings.company_email,
    )
