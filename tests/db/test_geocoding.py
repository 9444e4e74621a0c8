"""Addresses are asked about once, oldest first."""

from sqlalchemy import select

from scheduling.actions.geocoding import keep_point
from scheduling.models import Address
from scheduling.reads.addresses import to_locate
from tests.environment import NOW
from tests.factories import an_address, working


def test_an_address_is_asked_about_until_an_answer_is_kept_found_or_not(database):
    with working(database.sessions) as work:
        first, second, third = (an_address(work) for _ in range(3))
        assert [address.address_id for address in to_locate(work.session, 2)] == [first, second]

        keep_point(work, first, (52.1561, 5.3878))
        keep_point(work, second, None)

        assert [address.address_id for address in to_locate(work.session, 2)] == [third]
        rows = work.session.execute(
            select(Address.lat, Address.lon, Address.geocoded_at).order_by(Address.id).limit(2)
        ).all()
        assert [tuple(row) for row in rows] == [(52.1561, 5.3878, NOW), (None, None, NOW)]
