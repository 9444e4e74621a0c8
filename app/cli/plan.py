"""Commands that plan: windows, invitations, visits."""

from datetime import date, time

import click
from flask.cli import with_appcontext

from app.cli import SOME_REFUSED, Day, Group, OneLine, as_json, complain, listing, stop
from app.cli.progress import counted
from app.work import carry_out, reading
from scheduling.actions.imports.values import a_time
from scheduling.actions.invitations import GROUPS_AT_ONCE as A_TRANSACTION
from scheduling.actions.invitations import Place, invite, to_write
from scheduling.actions.openings import Opened, Opening, open_windows
from scheduling.reads import board

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_DAYS = 3 * 366
MOST_CAPACITY = 10_000
REASONS = {
    "past": "lies in the past",
    "overlaps": "overlaps a window that is there",
    "skipped_by_clock": "does not exist: the clock skips it that night",
}


class Times(click.ParamType[tuple[time, ...]]):
    """Local times, `08:00,10:00`."""

    name = "times"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[time, ...]:
        """Refuses what is no time."""
        try:
            return tuple(sorted({a_time(text.strip()) for text in str(value).split(",")}))
        except ValueError:
            self.fail(f"{value!r}: must be times like 08:00,10:00", param, ctx)


class Weekdays(click.ParamType[frozenset[int]]):
    """Days of the week, `mon-fri` or `mon,wed,sat`."""

    name = "weekdays"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[int]:
        """Refuses what is no day of the week."""
        found: set[int] = set()
        for part in str(value).lower().split(","):
            first, dash, last = part.strip().partition("-")
            if first not in WEEKDAYS or (last not in WEEKDAYS if dash else last):
                self.fail(f"{value!r}: must be like mon-fri or mon,wed,sat", param, ctx)
            start = WEEKDAYS.index(first)
            length = (WEEKDAYS.index(last) - start) % 7 if last else 0
            found.update((start + offset) % 7 for offset in range(length + 1))
        return frozenset(found)


class Skip(click.ParamType[frozenset[str]]):
    """Holidays to leave out, `public,school`."""

    name = "skip"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        """Refuses what is neither."""
        if isinstance(value, frozenset):
            return value
        names = frozenset(part.strip() for part in str(value).lower().split(","))
        if not names <= {"public", "school"}:
            self.fail(f"{value!r}: must be public, school or public,school", param, ctx)
        return names


def in_order(first: date | None, last: date | None) -> None:
    """Refuses days that run backwards."""
    if first is not None and last is not None and last < first:
        raise OneLine("--to lies before --from")


@click.group(cls=Group)
def windows() -> None:
    """Windows that customers can choose."""


@windows.command("open")
@click.option("--area", required=True, help="The area's reference.")
@click.option("--from", "first", type=Day(), required=True)
@click.option("--to", "last", type=Day(), required=True)
@click.option("--times", type=Times(), required=True, help="Local starts: 08:00,10:00")
@click.option("--weekdays", type=Weekdays(), default="mon-fri", show_default=True)
@click.option(
    "--capacity", type=click.IntRange(0, MOST_CAPACITY), required=True, help="Places in each window."
)
@click.option("--skip", type=Skip(), default=frozenset(), help="public, school: days to leave out")
@with_appcontext
def open_(
    *,
    area: str,
    first: date,
    last: date,
    times: tuple[time, ...],
    weekdays: frozenset[int],
    capacity: int,
    skip: frozenset[str],
) -> None:
    """Open windows of two hours; those that exist are left as they are and counted."""
    in_order(first, last)
    if (last - first).days > MOST_DAYS:
        raise OneLine(f"--from and --to lie more than {MOST_DAYS} days apart")
    opened = carry_out(open_windows, area, Opening(first, last, times, weekdays, capacity, skip))
    _report(opened)


def _report(opened: Opened) -> None:
    complain(
        [
            f"{refused.local_day} {refused.starts:%H:%M}: {REASONS[refused.reason]}"
            for refused in opened.refused
        ]
    )
    skipped = "; ".join(f"{day.local_day} {day.reason}" for day in opened.skipped)
    click.echo(
        f"{opened.opened} opened, {opened.existing} were there, {len(opened.skipped)} days skipped"
        f"{f': {skipped}' if skipped else ''}, {len(opened.refused)} refused"
    )
    if opened.refused:
        stop(SOME_REFUSED)


@windows.command("list")
@click.option("--area", help="The area's reference.")
@click.option("--from", "first", type=Day())
@click.option("--to", "last", type=Day())
@as_json
@with_appcontext
def list_windows(area: str | None, first: date | None, last: date | None, *, as_json: bool) -> None:
    """List windows with their places."""
    in_order(first, last)
    listing(
        [
            {
                "area_ref": window.area_ref,
                "window_id": str(window.window_id),
                "starts_at": window.starts,
                "ends_at": window.ends,
                "capacity": window.capacity,
                "booked": window.booked,
                "held": window.held,
                "state": window.state,
            }
            for window in board.windows(reading(), area_ref=area, first=first, last=last)
        ],
        json_wanted=as_json,
    )


@click.group(cls=Group)
def invitations() -> None:
    """Invitations to choose a window."""


@invitations.command("send")
@click.option("--area", help="Only jobs that this area serves.")
@click.option("--job", "job_refs", multiple=True, help="Only this job; may be given again.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--pace", is_flag=True, help="Hold back what capacity cannot take yet.")
@with_appcontext
def send(area: str | None, job_refs: tuple[str, ...], limit: int | None, *, pace: bool) -> None:
    """Write one invitation for each customer and address, for the jobs that have none and no visit."""
    written = held_back = 0
    after: Place | None = None
    with counted("writing", lambda: limit or carry_out(to_write, area_ref=area, job_refs=job_refs)) as tell:
        while True:
            # In many transactions, so that customers can book meanwhile; after a crash a second run goes on.
            most = A_TRANSACTION if limit is None else min(A_TRANSACTION, limit - written)
            invited = carry_out(invite, area_ref=area, job_refs=job_refs, limit=most, pace=pace, after=after)
            written += invited.written
            held_back += invited.held_back
            tell(invited.written + invited.held_back)
            after = invited.next
            if after is None or written == limit:
                break
    if job_refs and not written + held_back:
        complain(["nothing to invite: these jobs have an invitation or a visit, or were withdrawn"])
    click.echo(f"{written} invitations written, {held_back} held back")


@click.group(cls=Group)
def visits() -> None:
    """Visits that customers booked."""


@visits.command("list")
@click.option("--area", help="The area's reference.")
@click.option("--from", "first", type=Day())
@click.option("--to", "last", type=Day())
@as_json
@with_appcontext
def list_visits(area: str | None, first: date | None, last: date | None, *, as_json: bool) -> None:
    """List visits of every state."""
    in_order(first, last)
    listing(
        [
            {
                "visit_ref": visit.visit_ref,
                "job_ref": next(iter(visit.job_refs), ""),
                "job_refs": visit.job_refs,
                "customer_ref": visit.customer_ref,
                "area_ref": visit.area_ref,
                "window_id": str(visit.window_id),
                "starts_at": visit.starts,
                "ends_at": visit.ends,
                "state": visit.state,
                "sequence": visit.sequence,
            }
            for visit in board.visits(reading(), area_ref=area, first=first, last=last)
        ],
        json_wanted=as_json,
    )


COMMANDS: list[click.Command] = [windows, invitations, visits]
