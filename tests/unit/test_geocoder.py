"""Finding an address: the embedded table, and two kinds of service, each played by a local server."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduling.rules.postcodes import place_of
from scheduling.suppliers.geocoder import (
    GeocoderQuery,
    GeocoderUnavailable,
    GeopyGeocoder,
    Point,
    PostcodeTable,
    geocoder_for,
)

HOME = GeocoderQuery("3811AB", 12, "A", "Hogeweg", "Amersfoort")


@dataclass
class Service:
    """A geocoding service that gives one answer, and remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: str = "[]"
    delay: threading.Event | None = None
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    played = Service()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            played.asked.append((parts.path, query, self.headers["User-Agent"]))
            if played.delay is not None:
                played.delay.wait(10)
                return
            content = played.body.encode()
            self.send_response(played.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        played.url = f"http://127.0.0.1:{server.server_port}"
        yield played
        if played.delay is not None:
            played.delay.set()
        server.shutdown()
        thread.join()


def nominatim(service: Service) -> GeopyGeocoder:
    return GeopyGeocoder(f"{service.url}/nominatim", "test-portal", timeout=2)


def locatieserver(service: Service) -> GeopyGeocoder:
    return GeopyGeocoder(f"{service.url}/bzk/locatieserver/search/v3_1/", "test-portal", timeout=2)


def found_by_locatieserver(**changed: object) -> str:
    document = {
        "weergavenaam": "Hogeweg 12A, 3811AB Amersfoort",
        "centroide_ll": "POINT(5.39 52.155)",
        "postcode": "3811AB",
        "huisnummer": 12,
    }
    return json.dumps({"response": {"numFound": 1, "docs": [document | changed]}})


def test_without_a_url_the_table_answers():
    geocoder = geocoder_for(None, place_of)
    expected = place_of("3811")

    assert isinstance(geocoder, PostcodeTable)
    assert expected is not None
    assert geocoder.locate(HOME) == Point(expected.lat, expected.lon)


@pytest.mark.parametrize(
    "query",
    [GeocoderQuery("1099AB", 1), GeocoderQuery("1000", 1, country="BE")],
    ids=["no such PC4", "abroad"],
)
def test_what_the_table_lacks_is_not_found(query):
    assert geocoder_for(None, place_of).locate(query) is None


def test_a_nominatim_is_asked_for_the_parts_of_the_address(service):
    service.body = json.dumps([{"lat": "52.155", "lon": "5.39", "display_name": "Hogeweg 12A"}])

    point = nominatim(service).locate(HOME)

    assert point == Point(52.155, 5.39)
    path, asked, user_agent = service.asked[0]
    assert path == "/nominatim/search"
    assert user_agent == "test-portal"
    assert (asked["street"], asked["postalcode"], asked["city"]) == ("12 A Hogeweg", "3811AB", "Amersfoort")
    assert asked["countrycodes"] == "nl"


def test_a_nominatim_is_asked_in_words_where_the_street_is_not_known(service):
    assert nominatim(service).locate(GeocoderQuery("3811AB", 12)) is None
    assert service.asked[0][1]["q"] == "3811AB 12"


def test_a_locatieserver_is_asked_for_addresses(service):
    service.body = found_by_locatieserver()

    point = locatieserver(service).locate(HOME)

    assert point == Point(52.155, 5.39)
    path, asked, user_agent = service.asked[0]
    assert path == "/bzk/locatieserver/search/v3_1/free"
    assert user_agent == "test-portal"
    assert (asked["q"], asked["fq"]) == ("3811AB 12 A Hogeweg Amersfoort", "type:adres")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"response": {"docs": []}}),
        found_by_locatieserver(postcode="3812AB"),
        found_by_locatieserver(huisnummer=14),
    ],
    ids=["nothing", "another postcode", "another house"],
)
def test_a_locatieservers_mere_guess_is_not_an_answer(service, body):
    service.body = body

    assert locatieserver(service).locate(HOME) is None


@pytest.mark.parametrize("ask", [nominatim, locatieserver])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (429, "{}"),
        (403, "{}"),
        (200, "<html>"),
        (200, '{"response": 3}'),
        (200, '[{"lat": "x"}]'),
    ],
    ids=["500", "429", "403", "no JSON", "another shape", "no numbers"],
)
def test_a_service_that_fails_is_unavailable(service, ask, status, body):
    service.status, service.body = status, body

    with pytest.raises(GeocoderUnavailable):
        ask(service).locate(HOME)


def test_a_point_that_cannot_be_read_is_unavailable_too(service):
    service.body = found_by_locatieserver(centroide_ll="LINESTRING(1 2)")

    with pytest.raises(GeocoderUnavailable):
        locatieserver(service).locate(HOME)


def test_a_service_that_is_silent_is_unavailable(service):
    service.delay = threading.Event()

    with pytest.raises(GeocoderUnavailable):
        GeopyGeocoder(service.url, "test-portal", timeout=0.2).locate(HOME)


def test_a_service_that_is_not_there_is_unavailable():
    # Port 9 (discard): nothing listens there.
    with pytest.raises(GeocoderUnavailable):
        GeopyGeocoder("http://127.0.0.1:9", "test-portal", timeout=1).locate(HOME)


def test_a_url_chooses_the_service():
    assert isinstance(geocoder_for("http://127.0.0.1:9/locatieserver", place_of), GeopyGeocoder)
