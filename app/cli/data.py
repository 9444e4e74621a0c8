"""Commands that bring data in: the schema, areas, kinds, customers, jobs, and accounts of staff."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO

import click
from flask.cli import with_appcontext

from app import migrations
from app.cli import SOME_REFUSED, Group, OneLine, complain, stop
from app.cli.progress import watched
from app.passwords import new_link
from app.portal import portal
from app.work import carry_out
from scheduling.actions import contacts as contact_actions
from scheduling.actions import jobs as job_actions
from scheduling.actions.imports.areas import import_areas
from scheduling.actions.imports.contacts import import_contacts
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.imports.kinds import import_kinds
from scheduling.actions.imports.table import Report, Stream, UnreadableFile
from scheduling.actions.imports.values import an_email
from scheduling.actions.staff import create_account
from scheduling.actions.work import Work

Import = Callable[[Work, Stream], Report]
IN_MEMORY = 1024 * 1024
"""Bytes of standard input or a pipe that are kept in memory; more goes into a temporary file without a name."""


@click.group(cls=Group)
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the schema up to date."""
    migrations.upgrade(portal().settings.database_url)
    click.echo("the schema is up to date")


@click.group(cls=Group)
def areas() -> None:
    """Areas: sets of postcodes."""


@click.group(cls=Group)
def kinds() -> None:
    """Kinds of work."""


@click.group(cls=Group)
def customers() -> None:
    """Customers."""


@click.group(cls=Group)
def contacts() -> None:
    """People who speak for customers."""


@click.group(cls=Group)
def jobs() -> None:
    """Work to be done."""


def _import_command(group: click.Group, action: Import, what: str) -> None:
    @group.command("import", help=f"Load {what} from FILE.csv; a second time updates.")
    @click.argument("file")
    @with_appcontext
    def load(file: str) -> None:
        report = _import(action, file)
        complain(report.warnings + report.refusals)
        click.echo(
            f"{what}: {report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
            f"{len(report.refusals)} refused"
        )
        if report.refusals:
            stop(SOME_REFUSED)


_import_command(areas, import_areas, "areas")
_import_command(kinds, import_kinds, "kinds")
_import_command(customers, import_customers, "customers")
_import_command(contacts, import_contacts, "contacts")
_import_command(jobs, import_jobs, "jobs")


@contacts.command("remove")
@click.argument("contact_ref")
@with_appcontext
def remove_contact(contact_ref: str) -> None:
    """Take a contact away; what they were asked for goes to the customer."""
    carry_out(contact_actions.remove, contact_ref)
    click.echo("1 removed")


@jobs.command("withdraw")
@click.argument("job_refs", nargs=-1, required=True)
@with_appcontext
def withdraw(job_refs: tuple[str, ...]) -> None:
    """The company needs no visit any more: invitation and visit end, the customer is told."""
    count = carry_out(job_actions.withdraw, job_refs)
    click.echo(f"{count} withdrawn, {len(set(job_refs)) - count} were withdrawn already")


@click.group(cls=Group)
def staff() -> None:
    """Accounts of staff."""


@staff.command("create")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice(["dispatcher", "planner", "manager", "technician"]),
    required=True,
    help="What the account may do.",
)
@with_appcontext
def create(email: str, role: str) -> None:
    """Make an account, and print a one-time link to set the password (it works for 7 days)."""
    try:
        address = an_email(email)
    except ValueError as error:
        raise OneLine(f"EMAIL {error}") from None
    token, digest = new_link()
    is_new = carry_out(create_account, address, role, digest)
    if not is_new:
        complain(["the account was there already; this is a new link for it"])
    click.echo(f"{portal().settings.public_url}/staff/password/{token}")


def _import(action: Import, file: str) -> Report:
    try:
        with _opened(file) as stream, watched(stream) as lines:
            return carry_out(_from_the_start, action, stream, lines)
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror or error}") from None


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    """The file, or standard input for `-`, as something that can be read again from the start."""
    if file == "-":
        with _kept(sys.stdin.buffer) as kept:
            yield kept
        return
    with Path(file).open("rb") as stream:
        if stream.seekable():
            yield stream
        else:
            with _kept(stream) as kept:
                yield kept


@contextmanager
def _kept(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    with SpooledTemporaryFile(IN_MEMORY) as kept:
        copyfileobj(stream, kept)
        yield kept


def _from_the_start(work: Work, action: Import, stream: IO[bytes], lines: Stream) -> Report:
    # An action may begin again after a lost race; so does its file.
    stream.seek(0)
    return action(work, lines)


COMMANDS: list[click.Command] = [db, areas, kinds, customers, contacts, jobs, staff]
