"""What one web process keeps in memory once it has shown the demonstration company's pages."""

import re
import urllib.error
import urllib.request

from benchmarks.bench import Bench
from benchmarks.databases import database
from benchmarks.servers import PORTAL, environment, flask, serving
from benchmarks.table import aligned

MOST_MB = 150
"""Of one process, everything resident counted, shared pages included."""

ROUNDS = 5
"""So that each of two processes is likely to have shown each page."""

_LINK = re.compile(r"https?://[^/\s]+(/\S*)")


def run(_bench: Bench, *, servers: tuple[str, ...]) -> bool:
    """Prints the memory of the worker processes under each server; whether the largest stays under its limit."""
    print("\n## Memory of a web process with the demonstration company (SQLite)\n")
    lines, is_well = [], True
    with database("sqlite") as found:
        environ = environment(found.url, DEMO="1")
        flask(environ, "demo", "load")
        paths = sorted(set(_LINK.findall(flask(environ, "demo", "links"))))
        for server in servers:
            with serving(server, PORTAL, environ) as portal:
                shown = sum(_show(portal.port, path) for _ in range(ROUNDS) for path in paths)
                workers = portal.worker_memory()
            largest = workers[0].resident / 2**20
            is_well &= largest < MOST_MB
            for worker in workers:
                resident, own = worker.resident / 2**20, worker.proportional / 2**20
                lines.append((server, f"{resident:.0f}", f"{own:.0f}", str(shown)))
    print(aligned(("server", "RSS MB", "PSS MB", "pages shown"), lines, words=1))
    print(f"\nunder {MOST_MB} MB resident asked: {'met' if is_well else 'missed'}")
    return is_well


def _show(port: int, path: str) -> bool:
    # A proxy in the environment is for the world outside, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return bool(answer.read())
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False
