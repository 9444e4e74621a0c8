"""What importing many customers takes: time, and the most memory that the command ever had."""

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.bench import Bench
from benchmarks.databases import database
from benchmarks.servers import ROOT, environment

CUSTOMERS = 100_000
MOST_MB = 256
DOORS = 20
"""Customers of one postcode, as in a Dutch street."""

LETTERS = "BCDEGHJKLM"
"""Of postcodes: two of them, so a hundred to each four digits."""

LOOK_SECONDS = 0.02
"""Between two looks at the memory of the command: its peaks last longer."""


def run(_bench: Bench, *, customers: int, databases: Sequence[str]) -> bool:
    """Prints time and peak on each database; whether the peak stays under its limit and every row came in."""
    with tempfile.TemporaryDirectory(prefix="homevisit-bench-") as folder:
        path = Path(folder) / "customers.csv"
        _write(path, customers)
        # All of them, also when one is not well.
        return all([_measured(kind, path, customers) for kind in databases])  # noqa: C419


def _measured(kind: str, path: Path, customers: int) -> bool:
    with database(kind) as found:
        print(
            f"\n## Importing {customers:,} customers ({path.stat().st_size / 1e6:.1f} MB of CSV): {found.about}\n",
            flush=True,
        )
        seconds, peak, code, said = _import(path, environment(found.url))
    peak_mb = peak / 2**20
    is_well = code == 0 and peak_mb < MOST_MB
    print(
        f"{seconds:.1f} s, {customers / seconds:,.0f} rows a second, at most {peak_mb:.0f} MB resident; "
        f"under {MOST_MB} MB asked: {'met' if is_well else 'missed'}\n{said.strip()}"
    )
    return is_well


def _import(path: Path, environ: dict[str, str]) -> tuple[float, int, int, str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "customers", "import", str(path)]
    begun, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(LOOK_SECONDS)
        code = process.wait()
        seconds = time.perf_counter() - begun
        output.seek(0)
        return seconds, peak, code, output.read()[-500:]


def _write(path: Path, customers: int) -> None:
    who = ["customer_ref", "title", "initials", "first_name", "infix", "last_name", "organisation"]
    how = ["formality", "language", "persona", "phone", "email", "channel"]
    where = ["postcode", "house_number", "house_suffix", "street", "place"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*who, *how, *where])
        for number in range(customers):
            name = ["ms", "S.", "Sanne", "van der", f"Berg{number}", "", "formal", "nl", "family"]
            reached = [f"06{10_000_000 + number}", f"klant{number}@example.org", "sms"]
            door = [_postcode(number // DOORS), number % DOORS + 1, "", "Lange Nieuwstraat", "Amersfoort"]
            writer.writerow([f"C-{number}", *name, *reached, *door])


def _postcode(street: int) -> str:
    digits, letters = divmod(street, len(LETTERS) ** 2)
    first, second = divmod(letters, len(LETTERS))
    return f"{3800 + digits}{LETTERS[first]}{LETTERS[second]}"
