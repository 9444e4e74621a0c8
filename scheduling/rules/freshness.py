"""How old is what we know of a customer, and when is it time to ask whether it is still right."""

from collections.abc import Mapping
from datetime import datetime, timedelta

STALE_AFTER = timedelta(days=365)
"""People move, and change their number, about once in a few years; asked more often it would be a nuisance."""


def last_known_right(
    imported_at: datetime, checked_at: datetime | None, provenance: Mapping[str, Mapping[str, str]]
) -> datetime:
    """The newest of: the import, the customer's own "all is right", and each correction."""
    moments = [imported_at, *(datetime.fromisoformat(origin["at"]) for origin in provenance.values())]
    return max(moments if checked_at is None else [*moments, checked_at])


def is_stale(last_right: datetime, now: datetime) -> bool:
    """Whether to ask once more."""
    return now - last_right > STALE_AFTER
