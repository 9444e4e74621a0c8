"""Starts the portal and the floor the way an operator would, and reads from the system what their processes used."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 8
LAST_WORDS = 2_000
START_SECONDS, STOP_SECONDS = 60, 15
SERVERS = ("gunicorn", "granian")

PORTAL, FLOOR = "wsgi:app", "benchmarks.floor:app"

SETTINGS = {
    "SECRET_KEY": "a key for signing that only benchmarks know",
    "LINK_KEYS": "a key for personal links that only benchmarks know",
    "COMPANY_NAME": "Warmtehuis Eemland",
    "COMPANY_PHONE": "033 303 90 00",
    "COMPANY_EMAIL": "afspraak@warmtehuis-eemland.example",
    "PUBLIC_URL": "http://localhost:5000",
    "SMS_PROVIDER": "console",
    "MAIL_URL": "console:",
    # Empty counts as not set, and wins over what a developer's own .env says.
    "BRAND_COLOR": "",
    "BRAND_LOGO": "",
    "DEMO": "",
    "GEOCODER_URL": "",
    "GUNICORN_CMD_ARGS": "",
    "MAIL_FROM": "",
    "QUIET_HOURS": "",
    "TEXTS_DIR": "",
    "TRUSTED_PROXIES": "",
}


class ServerFailed(Exception):
    """A server that did not start; its text ends with what it said."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one process: all that is resident, and its own part when shared pages are divided (0 if unknown)."""

    resident: int
    proportional: int


class Server:
    """A running server. Its processes are found anew each time: a server may replace them."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, output: BinaryIO) -> None:
        self.port = port
        self._process, self._output = process, output

    def said(self) -> str:
        """The end of what it wrote: what the person who runs the benchmark needs when it goes wrong."""
        written = os.pread(self._output.fileno(), 1 << 24, 0)
        return written[-LAST_WORDS:].decode(errors="replace")

    def cpu_seconds(self) -> float:
        """Processor time of master and workers so far, in user and system together."""
        times = [process.cpu_times() for process in self._processes()]
        return float(sum(one.user + one.system for one in times))

    def worker_memory(self) -> list[Memory]:
        """Of each worker process, the largest first."""
        found = []
        for process in self._processes()[1:]:
            used = process.memory_full_info()
            found.append(Memory(used.rss, getattr(used, "pss", 0)))
        # What a server needs besides (Python's resource tracker) serves nobody.
        return sorted(found, key=lambda memory: memory.resident, reverse=True)[:WORKERS]

    def _processes(self) -> list[psutil.Process]:
        master = psutil.Process(self._process.pid)
        return [master, *master.children(recursive=True)]


def environment(database_url: str, **more: str) -> dict[str, str]:
    """What both servers and the portal's commands are started with."""
    return {**os.environ, **SETTINGS, "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT), **more}


@contextmanager
def serving(name: str, application: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """`application` under the server of this name, with 2 processes of 8 threads. Refuses: ServerFailed."""
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [*_command(name, port), application], cwd=ROOT, env=dict(environ), stdout=output, stderr=output
        )
        try:
            server = Server(process, port, output)
            if not _answers(process, port):
                raise ServerFailed(f"{name} did not start: {server.said()}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def flask(environ: Mapping[str, str], *arguments: str) -> str:
    """Runs one of the portal's commands and gives what it printed. Refuses: CalledProcessError."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=dict(environ), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def installed() -> tuple[str, ...]:
    """Those of the servers that are here to be measured."""
    return tuple(name for name in SERVERS if shutil.which(name, path=str(Path(sys.executable).parent)))


def _command(name: str, port: int) -> list[str]:
    program = str(Path(sys.executable).parent / name)
    if name == "gunicorn":
        # gunicorn.conf.py in the project's folder says the rest, for both applications.
        return [program, "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS)]
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    threads = ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    return [program, *options, *threads, "--log-level", "warning"]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    # A proxy in the environment is for the world outside, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=START_SECONDS).close()
        except urllib.error.HTTPError:
            return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return True
    return False
