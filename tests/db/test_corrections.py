"""What customer or staff correct: kept with who said so and when, and never put into history itself."""

import pytest
from sqlalchemy import select

from scheduling.actions.customers import correct
from scheduling.errors import NoSuchThing
from scheduling.models import Customer, History
from tests.environment import NOW
from tests.factories import a_customer, working


@pytest.mark.parametrize(("actor", "source"), [("customer", "customer"), ("staff:7", "staff")])
def test_a_correction_is_kept_with_its_source_and_moment(database, actor, source):
    with working(database.sessions, actor=actor) as work:
        customer_id = a_customer(work)

        correct(work, customer_id, {"last_name": "Berg", "infix": "van den"})

        customer = work.session.get_one(Customer, customer_id)
        assert customer.sort_key.startswith("berg")
        assert customer.provenance["last_name"] == {"source": source, "at": NOW.isoformat()}
        assert work.session.scalars(select(History.after)).one() == {"fields": ["infix", "last_name"]}


def test_a_later_correction_leaves_earlier_ones(database):
    with working(database.sessions) as work:
        customer_id = a_customer(work)
        correct(work, customer_id, {"email": "a@example.org"})

        correct(work, customer_id, {"phone": None})

        customer = work.session.get_one(Customer, customer_id)
        assert (customer.email, customer.phone) == ("a@example.org", None)
        assert set(customer.provenance) == {"email", "phone"}


def test_a_name_that_sorts_longer_than_can_be_kept_is_kept_all_the_same(database):
    with working(database.sessions) as work:
        customer_id = a_customer(work)

        correct(work, customer_id, {"last_name": "ﷺ" * 400})

        assert len(work.session.get_one(Customer, customer_id).sort_key) == 900


def test_an_unknown_customer_or_field_is_refused(database):
    with working(database.sessions) as work:
        with pytest.raises(NoSuchThing):
            correct(work, 999, {"phone": None})
        with pytest.raises(ValueError, match="shoe_size"):
            correct(work, a_customer(work), {"shoe_size": "43"})
