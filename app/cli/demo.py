"""Commands for a first try: the demonstration company, and the links to open."""

from collections.abc import Sequence

import click
from flask.cli import with_appcontext

from app.cli import Group, OneLine
from app.demo import company
from app.demo.links import demo_letter, demo_links
from app.i18n import speak
from app.passwords import new_link
from app.portal import now, portal
from app.work import carry_out, reading
from scheduling.actions.staff import create_account


@click.group(cls=Group)
def demo() -> None:
    """The demonstration company."""


@demo.command("load")
@with_appcontext
def load() -> None:
    """Load the demonstration company into an empty database; only with DEMO=1."""
    if not portal().settings.demo:
        raise OneLine(
            "DEMO: is not 1, so no demonstration data is loaded; set it for a database that is only for trying"
        )
    # Nobody is shown this first link: `demo links` makes the one that is printed.
    _, digest = new_link()
    loaded = carry_out(company.load, link_digest=digest, uid_host=portal().public_host)
    if loaded is None:
        click.echo("there is data already, so the demonstration company was not loaded")
        return
    click.echo(
        f"the demonstration company is loaded: {loaded.areas} areas, {loaded.windows} windows, "
        f"{loaded.customers} customers, {loaded.invitations} invitations, {loaded.visits} visits"
    )


@demo.command("links")
@with_appcontext
def links() -> None:
    """Print what there is to open. Makes a new one-time link for the dispatcher; the one before ends."""
    url = portal().settings.public_url
    if not portal().settings.demo:
        click.echo(f"{url}/staff/")
        return
    speak("en", "formal")
    customers = demo_links(reading(), portal().links, now())
    lines = [
        ("Start page", f"{url}/demo/"),
        *((f"{link.label}: {link.name}", link.href) for link in customers),
    ]
    letter = demo_letter(reading(), portal().links, now())
    if letter is not None:
        lines.append((f"By letter: {letter.name}", f"{url}/  code {letter.code}, postcode {letter.postcode}"))
    lines.append(("Messages written", f"{url}/demo/messages"))
    if not customers:
        lines.append(("Staff sign-in", f"{url}/staff/"))
    else:
        # Only where the data is the demonstration's: a company's own staff is the operator's to let in.
        token, digest = new_link()
        carry_out(create_account, company.DISPATCHER, "dispatcher", digest)
        lines.append(("Staff sign-in", f"{url}/staff/  {company.DISPATCHER}"))
        lines.append(("Set that password, once", f"{url}/staff/password/{token}"))
    _print(lines)


def _print(lines: Sequence[tuple[str, str]]) -> None:
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        click.echo(f"  {label:<{width}}  {value}")


COMMANDS: list[click.Command] = [demo]
