"""A wrong setting ends gunicorn with one line, and its log gives no personal page away."""

import logging
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"LINK_KEYS": ""}, "LINK_KEYS"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"COMPANY_NAME": ""}, "COMPANY_NAME"),
        ({"SMS_PROVIDER": "pigeon"}, "SMS_PROVIDER"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"WEB_THREADS": "0"}, "WEB_THREADS"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_setting_ends_the_start_with_one_line_and_status_2(wrong, named, tmp_path):
    environ = {**os.environ, **ENVIRONMENT, "DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}", **wrong}

    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith(f"{named}: ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("message", "arguments", "written"),
    [
        ("Error handling request %s", ("/v/3fKq9Zabc",), "Error handling request /v/[...]"),
        ("%s %s", ("GET", "/v/3fKq9Zabc/visit.ics?lang=nl"), "GET /v/[...]"),
        ("GET /calendar/3fKq9Zabc.ics", (), "GET /calendar/[...]"),
        ("GET /contact/3fKq9Zabc", (), "GET /contact/[...]"),
        ("GET /staff/password/3fKq9Zabc", (), "GET /staff/password/[...]"),
        (
            "Invalid request from ip=203.0.113.7: Invalid HTTP Header: 'COOKIE: portal=3fKq9Zabc\n'",
            (),
            "Invalid request (Invalid HTTP Header)",
        ),
        ("Booting worker with pid: %s", (12,), "Booting worker with pid: 12"),
    ],
)
def test_the_log_leaves_out_what_opens_a_personal_page(message, arguments, written, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "path", list(sys.path))
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, message, arguments, None)

    configuration["_WithoutAddresses"]().filter(record)

    assert record.getMessage() == written


def test_the_log_tells_the_kind_of_an_exception_and_not_what_it_says(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "path", list(sys.path))
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    try:
        raise RuntimeError("+31612345678")
    except RuntimeError:
        record = logging.LogRecord(
            "gunicorn.error", logging.ERROR, "", 0, "Error handling request /", (), sys.exc_info()
        )

    configuration["_WithoutAddresses"]().filter(record)

    assert logging.Formatter().format(record) == "Error handling request / (RuntimeError)"
