"""Finds the point of an address: at a geocoding service, or roughly from the table of postcodes.

Answers are kept in the database by whoever asks; nothing is kept here. A service is only asked by the worker.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from geopy.exc import GeopyError
from geopy.geocoders import Nominatim
from geopy.geocoders.base import Geocoder as GeopyBase
from geopy.location import Location

_WKT_POINT = re.compile(r"POINT\((-?[0-9.]+) (-?[0-9.]+)\)")


class GeocoderUnavailable(Exception):
    """The service did not answer, or not in a way that can be read; asking again later may help."""


class HasCoordinates(Protocol):
    """A place on earth: WGS 84 degrees."""

    @property
    def lat(self) -> float: ...

    @property
    def lon(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class GeocoderQuery:
    """An address: normalised postcode, ISO 3166 country; street and place may be empty."""

    postcode: str
    house_number: int
    suffix: str = ""
    street: str = ""
    place: str = ""
    country: str = "NL"


class Geocoder(Protocol):
    """Whatever can find an address."""

    def locate(self, query: GeocoderQuery) -> Point | None:
        """The address's point; None where it is not known. Raises GeocoderUnavailable."""
        ...


class PostcodeTable:
    """The embedded one: the point of the postcode's PC4, some hundred metres off in a town."""

    def __init__(self, place_of: Callable[[str, str], HasCoordinates | None]) -> None:
        self._place_of = place_of

    def locate(self, query: GeocoderQuery) -> Point | None:
        """The middle of the homes in this PC4; None for a postcode that the table lacks."""
        place = self._place_of(query.postcode, query.country)
        return None if place is None else Point(place.lat, place.lon)


class GeopyGeocoder:
    """A service on the network: a PDOK Locatieserver if the URL's path says so, otherwise a Nominatim.

    `url` is the service's base, without `/search` or `/free`; `timeout` in seconds. `user_agent` names who
    asks, which the public Nominatim insists on (its usage policy).
    """

    def __init__(self, url: str, user_agent: str, timeout: float = 5.0) -> None:
        address = urlsplit(url.rstrip("/"))
        domain = address.netloc + address.path
        self._ask: Callable[[GeocoderQuery], Location | None]
        if "locatieserver" in address.path:
            self._ask = Locatieserver(
                domain=domain, scheme=address.scheme, user_agent=user_agent, timeout=timeout
            ).geocode
        else:
            nominatim = Nominatim(
                domain=domain, scheme=address.scheme, user_agent=user_agent, timeout=timeout
            )
            self._ask = partial(_ask_nominatim, nominatim)

    def locate(self, query: GeocoderQuery) -> Point | None:
        """The address's own point. Raises GeocoderUnavailable."""
        try:
            found = self._ask(query)
        except (GeopyError, ValueError, KeyError, TypeError, AttributeError) as error:
            # The last four are what comes of an answer with another shape than the service's own.
            raise GeocoderUnavailable(type(error).__name__) from error
        return None if found is None else Point(found.latitude, found.longitude)


class Locatieserver(GeopyBase):
    """geopy's way to speak to PDOK's Locatieserver (Dutch addresses from the BAG).

    The service always gives its best guess, so an answer counts only if it has the postcode asked for.
    """

    def __init__(self, *, domain: str, scheme: str, user_agent: str, timeout: float) -> None:
        super().__init__(scheme=scheme, user_agent=user_agent, timeout=timeout)
        self._free = f"{scheme}://{domain}/free"

    def geocode(self, query: GeocoderQuery) -> Location | None:
        """The address that fits best, or None."""
        words = (query.postcode, f"{query.house_number}{_spaced(query.suffix)}", query.street, query.place)
        asked = {
            "q": " ".join(word for word in words if word),
            "fq": "type:adres",
            "fl": "weergavenaam,centroide_ll,postcode,huisnummer",
            "rows": "1",
        }
        return self._call_geocoder(f"{self._free}?{urlencode(asked)}", partial(_best_of_locatieserver, query))


def geocoder_for(
    url: str | None,
    place_of: Callable[[str, str], HasCoordinates | None],
    *,
    user_agent: str = "homevisit-portal",
) -> Geocoder:
    """The service at this URL, or the table of postcodes where none is set.

    `place_of` gives the point of a postcode in a country (`rules.postcodes.place_of`).
    """
    return GeopyGeocoder(url, user_agent) if url else PostcodeTable(place_of)


def _spaced(suffix: str) -> str:
    return f" {suffix}" if suffix else ""


def _ask_nominatim(nominatim: Nominatim, query: GeocoderQuery) -> Location | None:
    return nominatim.geocode(_nominatim_query(query), country_codes=query.country.lower())


def _nominatim_query(query: GeocoderQuery) -> dict[str, str] | str:
    number = f"{query.house_number}{_spaced(query.suffix)}"
    if not query.street:
        return ", ".join(word for word in (f"{query.postcode} {number}", query.place) if word)
    asked = {"street": f"{number} {query.street}", "postalcode": query.postcode, "city": query.place}
    return {key: value for key, value in asked.items() if value}


def _best_of_locatieserver(query: GeocoderQuery, answer: Any) -> Location | None:
    documents = answer["response"]["docs"]
    if not documents:
        return None
    best = documents[0]
    if best.get("postcode") != query.postcode or int(best.get("huisnummer", 0)) != query.house_number:
        return None
    point = _WKT_POINT.fullmatch(best["centroide_ll"])
    if point is None:
        raise ValueError("centroide_ll is not a point")
    return Location(best.get("weergavenaam", ""), (float(point[2]), float(point[1])), best)
