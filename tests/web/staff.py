"""Staff in tests: an account, a signed-in browser, and forms filled in the way a browser does it."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.passwords import hash_password, new_link
from scheduling.actions.staff import create_account, set_password
from scheduling.db import Sessions
from tests.factories import working

EMAIL, PASSWORD = "planner@warmtehuis-eemland.example", "een paard, een nietje"


def a_link(sessions: Sessions, *, email: str = EMAIL, role: str = "dispatcher") -> str:
    """The token of a one-time link for an account, made where it is new."""
    token, digest = new_link()
    with working(sessions) as work:
        create_account(work, email, role, digest)
    return token


def an_account(sessions: Sessions, *, email: str = EMAIL, password: str = PASSWORD) -> str:
    """An account with a password; its address."""
    _token, digest = new_link()
    with working(sessions) as work:
        create_account(work, email, "dispatcher", digest)
        set_password(work, digest, hash_password(password))
    return email


def submit(client: FlaskClient, path: str, form: str, **values: Any) -> TestResponse:
    """Opens `path` and sends its form `data-form=...` with what it hides and `values`."""
    page = client.get(path)
    found = re.search(rf'<form[^>]*data-form="{form}"[^>]*>.*?</form>', page.text, re.DOTALL)
    assert found is not None, f"no form {form} on {path}"
    action = re.search(r'^<form[^>]*\saction="([^"]*)"', found[0])
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0]))
    return client.post(action[1] if action else path, data={**hidden, **values})


def sign_in(client: FlaskClient, sessions: Sessions) -> FlaskClient:
    """`client`, signed in as a dispatcher."""
    an_account(sessions)
    answer = submit(client, "/staff/sign-in", "sign-in", email=EMAIL, password=PASSWORD)
    assert answer.status_code == 303
    return client
