"""The command that ends an account of staff. It belongs to the family `staff` (`app.cli.data`)."""

import click
from flask.cli import with_appcontext

from app.cli.data import staff
from app.work import carry_out
from scheduling.actions.staff import remove_account


@staff.command("remove")
@click.argument("email")
@with_appcontext
def remove(email: str) -> None:
    """Delete an account; whoever is signed in with it is signed out."""
    carry_out(remove_account, email)
    click.echo("1 removed")


COMMANDS: list[click.Command] = []
"""None of its own: it stands under `staff`."""
