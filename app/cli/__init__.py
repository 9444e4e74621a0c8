"""What all commands share: lists as JSON or as lines, one line for an error, exit status 0, 1 or 2.

0: all done; 1: some rows were refused; 2: nothing was done.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NoReturn, TextIO

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from scheduling.actions.imports.table import UnreadableFile
from scheduling.errors import NoSuchThing, Refusal

SOME_REFUSED, NOTHING_DONE = 1, 2


class OneLine(click.ClickException):
    """An error as one line on standard error."""

    exit_code = NOTHING_DONE

    def show(self, file: Any = None) -> None:
        """Writes the line; click's own also repeats the usage."""
        click.echo(_one_line(self.format_message()), file=file or sys.stderr)


class Command(click.Command):
    """A command whose every failure is one line and an exit status, never a traceback."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Reads the command line; a wrong option is one line."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise OneLine(error.format_message()) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a refusal is one line that names the thing and the way out."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise OneLine(error.format_message()) from None
        except UnreadableFile as error:
            raise OneLine(str(error)) from None
        except Refusal as refusal:
            raise OneLine(in_words(refusal)) from None
        except DBAPIError as error:
            raise OneLine(_about_the_database(error)) from None


class Group(click.Group):
    """A family of commands."""

    command_class = Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Reads the command line; a wrong option is one line, and so is a command that was left out."""
        try:
            return super().make_context(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError:
            raise OneLine(f"{self.name}: say which command: {', '.join(sorted(self.commands))}") from None
        except click.UsageError as error:
            raise OneLine(error.format_message()) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Finds the command; one that is not there is one line."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise OneLine(error.format_message()) from None


class Commands(AppGroup):
    """All commands of the portal; the name of one that is not there is one line too."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Flask asks here for whatever is none of its own."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise OneLine(f"no such command: {cmd_name}; `flask --app wsgi --help` lists them")
        return found


class Day(click.ParamType[date]):
    """A local date, `2027-03-26`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Refuses anything else."""
        from scheduling.actions.imports.values import a_day

        if isinstance(value, date):
            return value
        try:
            return a_day(value)
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


as_json = click.option(
    "--json", "as_json", is_flag=True, help="A JSON array on standard output, nothing else."
)


def listing(rows: Iterable[Mapping[str, Any]], *, json_wanted: bool) -> None:
    """Rows as a JSON array, or as lines for people; each is written before the next is asked for."""
    if json_wanted:
        between = "["
        for row in rows:
            values = {name: _plain(value) for name, value in row.items()}
            click.echo(between + json.dumps(values, ensure_ascii=_is_ascii(sys.stdout)), nl=False)
            between = ",\n "
        click.echo("[]" if between == "[" else "]")
        return
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007  (how many there were is said below)
        said = (_plain(value) for value in row.values() if value not in (None, "", (), []))
        click.echo("  ".join(_one_line(value) for value in said))
    click.echo(f"{count} in all", err=True)


def stop(status: int) -> NoReturn:
    """Ends the command with this exit status."""
    raise click.exceptions.Exit(status)


def complain(lines: Iterable[str]) -> None:
    """Lines on standard error."""
    for line in lines:
        click.echo(_one_line(line), err=True)


def in_words(refusal: Refusal) -> str:
    """A refusal as a line for an operator."""
    if isinstance(refusal, NoSuchThing):
        return f"no such {refusal.facts['what']}: {refusal.facts['ref']}"
    facts = ", ".join(f"{name} {value}" for name, value in refusal.facts.items())
    return f"refused: {refusal.code.replace('_', ' ')}{f' ({facts})' if facts else ''}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _one_line(value: object) -> str:
    """A value in one line that a terminal can show: what a file says must not move the cursor."""
    text = " ".join(str(value).split())
    return "".join(character if character.isprintable() else "?" for character in text)


def _is_ascii(stream: TextIO) -> bool:
    """Whether the stream can say no more than ASCII; what is not UTF-8 is not relied on."""
    return not (stream.encoding or "").lower().replace("-", "").startswith("utf")


def _about_the_database(error: Exception) -> str:
    text = str(getattr(error, "orig", error))
    if "no such table" in text or "does not exist" in text or "no such column" in text:
        return "the database has no tables or old ones: run `flask --app wsgi db upgrade` first"
    return f"the database cannot be used: {text.splitlines()[0] if text else type(error).__name__}"
