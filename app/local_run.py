"""What `make run` does once everything is installed: settings for this machine, then web and worker side by side.

Decides which settings a first try gets without anyone having to write them. Leaves their meaning to `config`, and how
each process is started to `Procfile`. Nothing but the Makefile comes here: any other start has to bring its own keys,
for keys that a server makes up by itself would silently break every personal link sent before.

Run as a file: `python -P app/local_run.py run | flask ARGUMENTS... | keys`.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
READY_WAIT_SECONDS = 60
"""How long the links are held back for a server that is still starting."""

DEMONSTRATION_COMPANY = {
    "COMPANY_NAME": "Warmtehuis Eemland",
    "COMPANY_PHONE": "033 303 90 00",
    "COMPANY_EMAIL": "afspraak@warmtehuis-eemland.example",
}


def first_keys(folder: Path) -> dict[str, str]:
    """The keys of this machine, from `folder/keys.env`; made at the first call, for the owner's eyes only.

    Two calls at once get the same keys: the file appears whole, and only if none is there yet.
    """
    path = folder / "keys.env"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".keys-{os.getpid()}-{secrets.token_hex(4)}"
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(f"SECRET_KEY={secrets.token_hex(32)}\nLINK_KEYS={secrets.token_hex(32)}\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return {name: value or "" for name, value in dotenv_values(path).items()}


def local_settings(
    environ: Mapping[str, str], *, dotenv: Mapping[str, str | None], keys: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment for the processes: `environ` wins, then `dotenv`, then what a first try needs.

    Demonstration data is asked for only where it can hurt nobody: a SQLite database, and no SMS that really leaves.
    """
    said = {**{name: value for name, value in dotenv.items() if value is not None}, **environ}
    port = said.get("PORT") or "5000"
    first = {"PORT": port, "PUBLIC_URL": f"http://localhost:{port}", **DEMONSTRATION_COMPANY, **keys}
    is_sqlite = (said.get("DATABASE_URL") or "sqlite").startswith("sqlite")
    if is_sqlite and said.get("SMS_PROVIDER") != "twilio":
        first["DEMO"] = "1"
    # An empty value counts as not set, as it does for the portal itself.
    settings = {**said, **{name: value for name, value in first.items() if not said.get(name)}}
    settings.setdefault("GUNICORN_CMD_ARGS", f"--bind {_host(settings['PUBLIC_URL'])}:{port}")
    settings["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{said.get('PATH', os.defpath)}"
    # Lines are shown when they are written, not when a buffer is full.
    settings["PYTHONUNBUFFERED"] = "1"
    return settings


def why_not_port(settings: Mapping[str, str]) -> str | None:
    """Why the web process can't have its port, in one line for the person who typed `make run`; None if it can."""
    port = settings["PORT"]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return f"PORT: {port!r} is not a port number (1 to 65535)"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does: a port that the last run has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_host(settings["PUBLIC_URL"]), int(port)))
        except OSError as problem:
            other = int(port) % 65535 + 1
            return f"port {port} can't be used ({problem.strerror}); choose another: make run PORT={other}"
    return None


def run(settings: dict[str, str]) -> int:
    """Brings the database up to date, loads the demonstration company, then web and worker until either ends.

    Gives the exit code of the one that ended first; 0 when a person stopped them with Ctrl-C.
    """
    problem = why_not_port(settings)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    for command in (["db", "upgrade"], ["demo", "load"]):
        code = subprocess.run(_flask(command), env=settings, cwd=ROOT, check=False).returncode  # noqa: S603
        if code:
            return code
    announcing = subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", __file__, "announce"], env=settings, cwd=ROOT
    )
    try:
        return _side_by_side(settings)
    finally:
        announcing.terminate()
        announcing.wait()


def announce(settings: Mapping[str, str]) -> int:
    """Prints the links to open as soon as the server answers: earlier they would lead nowhere."""
    url = f"http://127.0.0.1:{settings['PORT']}/healthz"
    # A proxy in the environment is for the world outside, not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            opener.open(url, timeout=5).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
            continue
        print(f"\nReady: {settings['PUBLIC_URL']}/   (Ctrl-C stops it)", flush=True)
        if settings.get("DEMO") == "1":
            return subprocess.run(_flask(["demo", "links"]), env=settings, cwd=ROOT, check=False).returncode  # noqa: S603
        return 0
    return 1


def _side_by_side(settings: dict[str, str]) -> int:
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=settings, cwd=str(ROOT))
    # A terminal that is closed stops both as well; left alone, they would live on without it.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    code = int(manager.returncode or 0)
    return 0 if code == 128 + signal.SIGINT else code


def _flask(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def _host(public_url: str) -> str:
    # Only this machine gets in, unless the links name another (to try it on a phone in the same network).
    return "127.0.0.1" if urlsplit(public_url).hostname in {"localhost", "127.0.0.1"} else "0.0.0.0"  # noqa: S104


def main(arguments: Sequence[str]) -> int:
    """`run`, `flask ARGUMENTS...`, `keys` or (by `run` itself) `announce`."""
    keys = first_keys(ROOT / "instance")
    settings = local_settings(os.environ, dotenv=dotenv_values(ROOT / ".env"), keys=keys)
    match list(arguments):
        case ["keys"]:
            return 0
        case ["run"]:
            return run(settings)
        case ["announce"]:
            return announce(settings)
        case ["flask", *rest]:
            os.chdir(ROOT)
            os.execve(sys.executable, _flask(rest), settings)  # noqa: S606
    print("usage: python -P app/local_run.py run | flask ARGUMENTS... | keys", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
