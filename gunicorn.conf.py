"""How gunicorn serves the portal: `gunicorn wsgi:app` in this folder finds this file by itself.

Decides the number of processes and threads, and that a wrong setting ends the start with one line and exit status 2
before any worker exists (a worker that cannot start would be started again for ever). `--bind`, and anything else,
can be given on the command line or in GUNICORN_CMD_ARGS, which win.
"""

import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

sys.path.insert(0, str(Path(__file__).resolve().parent))

from app.config import SettingError, read_settings


def _at_least_one(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise SettingError(name, f"is {text!r}; use a whole number of at least 1")
    return int(text)


try:
    read_settings(os.environ)
    # A request mostly waits for the database: threads let one process serve others meanwhile, and the second process
    # uses the second core. A larger machine says so with WEB_CONCURRENCY.
    workers = _at_least_one("WEB_CONCURRENCY", 2)
    threads = _at_least_one("WEB_THREADS", 8)
except SettingError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None

worker_class = "gthread"
preload_app = True
# A page takes milliseconds; a worker that is silent for this many seconds is lost.
timeout = 30
graceful_timeout = 20
# Longer than the idle time after which a proxy in front usually lets go, so that it never writes to a closed socket.
keepalive = 75
# Heartbeats are kept in memory: on a busy disk they would come late, and a healthy worker would be killed for it.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Nothing else steers the server while it runs.
control_socket_disable = True

# Addresses of personal pages are keys to them: there is no access log here, and other lines lose their addresses.
accesslog = None
errorlog = "-"

_ADDRESS = re.compile(r"(?<=/)(v|calendar|visit|contact|password)/[^\s/?'\"]+[^\s'\"]*")
# What follows the kind of error is what was sent: perhaps a cookie, or a path again.
_INVALID = re.compile(r"^Invalid request from ip=\S*: ([\w ]*).*", re.DOTALL)


class _WithoutAddresses(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = _INVALID.sub(r"Invalid request (\1)", record.getMessage())
        record.msg, record.args = _ADDRESS.sub(r"\1/[...]", text), None
        if record.exc_info and record.exc_info[0] is not None:
            # Its text may quote a customer's data, so only its kind is told.
            record.msg += f" ({record.exc_info[0].__name__})"
            record.exc_info = record.exc_text = None
        return True


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801  (gunicorn's own name for this setting)
    """Gunicorn's log without what follows `/v/` and the like, and what an invalid request or an exception says."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, then the filter; called in the master and in each worker."""
        super().setup(cfg)
        if not any(isinstance(present, _WithoutAddresses) for present in self.error_log.filters):
            self.error_log.addFilter(_WithoutAddresses())
