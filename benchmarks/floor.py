"""The floor: a bare Flask application on the same server, database and pool, with nothing but what cannot be left out.

No form tokens, no headers, no languages, no log, no history, no messages: what is above it is what the product adds.
Its pages are as large as the product's, for writing bytes costs too (`FLOOR_PAGE_BYTES`, `DATABASE_URL`).
"""

import os

from flask import Flask, redirect, render_template_string, request
from sqlalchemy import text, update
from werkzeug.wrappers import Response

from scheduling.db import make_engine, make_sessions
from scheduling.models import Window

FREE_WINDOWS = text(
    'SELECT id, local_day, starts_at, ends_at FROM "window"'
    " WHERE area_id = :area_id AND local_day >= :first AND state = 'open' AND capacity - booked - held >= 1"
    " ORDER BY local_day, starts_at LIMIT 96"
)
"""As the product asks it, written by hand: 8 days of at most 12 windows."""

PAGE = (
    "<!doctype html><title>Floor</title><form method=post>{% for row in rows %}"
    "<label><input type=radio name=window value={{ row.id }}> {{ row.local_day }} {{ row.starts_at }}</label>"
    "{% endfor %}<button>OK</button></form><p>{{ filler }}</p>"
)


def create_app() -> Flask:
    """The application. Connects to the database when first asked, so after the server has made its processes."""
    app = Flask(__name__)
    # Reading the environment first makes a forgotten variable fail at the start.
    page_bytes, sessions = (
        int(os.environ["FLOOR_PAGE_BYTES"]),
        make_sessions(make_engine(os.environ["DATABASE_URL"])),
    )
    filler = "x" * page_bytes

    @app.get("/health")
    def health() -> str:
        return "ok\n"

    @app.get("/page")
    def page() -> str:
        return render_template_string(PAGE, rows=(), filler=filler)

    @app.get("/slots/<int:area_id>")
    def slots(area_id: int) -> str:
        with sessions.read() as session:
            rows = session.execute(FREE_WINDOWS, {"area_id": area_id, "first": request.args["first"]}).all()
        # Some 90 bytes a row stand in the page already.
        return render_template_string(PAGE, rows=rows, filler=filler[90 * len(rows) :])

    @app.post("/claim")
    def claim() -> Response:
        window_id = int(request.form["window"])
        with sessions.write() as session, session.begin():
            claimed = session.execute(
                update(Window)
                .where(
                    Window.id == window_id,
                    Window.state == "open",
                    Window.booked + Window.held + 1 <= Window.capacity,
                )
                .values(booked=Window.booked + 1)
                .returning(Window.id)
            ).first()
        return redirect("/page", 303) if claimed else Response("full\n", 409)

    return app


app = create_app()
