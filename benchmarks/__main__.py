"""`python -m benchmarks`: all measurements, or those that are named, each with a help of its own.

Exit status 0 when all was right and every goal was met, 1 when not, 2 for a wrong option.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks import crowd, imports, memory, plan, requests
from benchmarks.bench import Bench
from benchmarks.databases import KINDS
from benchmarks.dataset import FULL, MODERATE, QUICK
from benchmarks.load_client import LoadFailed
from benchmarks.questions import Unexpected
from benchmarks.servers import SERVERS, ServerFailed, installed

EPILOG = """without a name: all of them. --quick: a small database, one short round, gunicorn alone, in under a
minute, to see that it works; its figures mean little. --full: 1,000 areas x 365 days x 5 windows, loaded in about
a minute. Product and floor are measured in turn in one run, for figures of two runs can't be compared."""


def main(arguments: Sequence[str]) -> int:
    """Runs what was asked for; its exit status."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    wanted.servers = tuple(name for name in wanted.servers or SERVERS if name in installed())
    if wanted.quick:
        wanted.servers = wanted.servers[:1]
    if not wanted.servers:
        parser.error("none of these servers is installed")
    print(f"# Performance\n\n{_machine()}", flush=True)
    size = QUICK if wanted.quick else FULL if wanted.full else MODERATE
    begun, is_well = time.perf_counter(), True
    try:
        with Bench(size) as bench:
            for name in [wanted.name] if wanted.name else list(BENCHMARKS):
                is_well &= BENCHMARKS[name][1](bench, wanted)
    except (LoadFailed, ServerFailed, Unexpected) as failure:
        print(f"\n{type(failure).__name__}: {failure}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print(
        f"\n{time.perf_counter() - begun:.0f} s in all; {'all goals met' if is_well else 'NOT every goal met'}"
    )
    return 0 if is_well else 1


def _requests(bench: Bench, wanted: argparse.Namespace) -> bool:
    how = requests.QUICK if wanted.quick else requests.USUAL
    databases = wanted.databases or KINDS
    return requests.run(bench, how, servers=wanted.servers, databases=databases)


def _plan(bench: Bench, _wanted: argparse.Namespace) -> bool:
    return plan.run(bench)


def _crowd(bench: Bench, wanted: argparse.Namespace) -> bool:
    return crowd.run(bench, rounds=2 if wanted.quick else crowd.ROUNDS)


def _memory(bench: Bench, wanted: argparse.Namespace) -> bool:
    return memory.run(bench, servers=wanted.servers)


def _imports(bench: Bench, wanted: argparse.Namespace) -> bool:
    customers = imports.CUSTOMERS // 50 if wanted.quick else imports.CUSTOMERS
    return imports.run(bench, customers=customers, databases=wanted.databases or KINDS)


BENCHMARKS: dict[str, tuple[str, Callable[[Bench, argparse.Namespace], bool]]] = {
    "plan": ("the offer's query on PostgreSQL: plan and time", _plan),
    "requests": ("rate, latency and processor time of requests, beside the floor's", _requests),
    "crowd": ("fifty customers at once on one place, twenty times: never more than one", _crowd),
    "memory": ("memory of a web process with the demonstration company", _memory),
    "imports": ("importing 100,000 customers: time and most memory", _imports),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, epilog=EPILOG)
    _common(parser, is_top=True)
    named = parser.add_subparsers(dest="name", metavar="NAME")
    for name, (about, _) in BENCHMARKS.items():
        one = named.add_parser(name, help=about, description=f"{about}.", epilog=EPILOG)
        _common(one, is_top=False)
    return parser


def _common(parser: argparse.ArgumentParser, *, is_top: bool) -> None:
    """The same options before and after a name; what is left out after it must not undo what was said before it."""
    left_out = {"flag": False, "list": None} if is_top else dict.fromkeys(("flag", "list"), argparse.SUPPRESS)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", default=left_out["flag"], help="in under a minute")
    size.add_argument("--full", action="store_true", default=left_out["flag"], help="1.8 million windows")
    parser.add_argument(
        "--server", dest="servers", action="append", choices=SERVERS, default=left_out["list"],
        help="under this server alone (may be given twice)",
    )  # fmt: skip
    parser.add_argument(
        "--database", dest="databases", action="append", choices=KINDS, default=left_out["list"],
        help="requests and imports: on this database alone (may be given twice)",
    )  # fmt: skip


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores, "
        f"load {os.getloadavg()[0]:.2f} at the start"
    )


if __name__ == "__main__":
    # Whoever ends it leaves no database server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(sys.argv[1:]))
