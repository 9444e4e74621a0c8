"""Structured logs: one JSON object a line on standard error, without names, numbers, addresses or tokens.

A request is logged by its route (`/v/<token>`), never by its address. What an exception says is left out, for it may
quote a customer's data; where it happened and what kind it was is kept.
"""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, request

logger = logging.getLogger("portal.request")
OURS = ("portal", "notifications", "scheduling")
"""Every logger of ours lies below one of these; Python's own last resort would print exceptions with their texts."""

QUIET_ROUTES = frozenset(
    {"static", "brand.style", "brand.logo", "brand.favicon", "brand.robots", "hooks.alive", "hooks.ready"}
)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"facts": {...}}` adds facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Times are UTC; an exception is told by its kind and its places in the code, not by its text."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask) -> None:
    """Sends everything that the portal logs to standard error, and logs each request but those for files."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in OURS:
        ours = logging.getLogger(name)
        if not ours.handlers:
            ours.addHandler(handler)
            ours.setLevel(logging.INFO)
    logging.getLogger("portal").propagate = False
    app.logger.handlers, app.logger.propagate = list(logging.getLogger("portal").handlers), False
    app.before_request(_start)
    app.after_request(_log)


def _start() -> None:
    g.started = time.perf_counter()


def _log(response: Response) -> Response:
    if request.endpoint not in QUIET_ROUTES:
        facts = {
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else "(none)",
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        }
        logger.info("request", extra={"facts": facts})
    return response
