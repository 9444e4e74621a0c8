"""How the portal looks like the company: its colour as a style sheet, its logo, and addresses of our own files.

Also the two files that programs ask for without having read a page: an icon, and what search engines may look at.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, redirect, send_file
from werkzeug.wrappers import Response as AnyResponse

from app.colours import shades
from app.portal import portal
from scheduling.rules.phone import to_e164

bp = Blueprint("brand", __name__)
AN_HOUR = 3600
NOT_FOR_ROBOTS = ("/v/", "/visit/", "/calendar/", "/contact/", "/staff/", "/hooks/", "/demo/")


@bp.get("/brand.css")
def style() -> Response:
    """The brand's colours for light and dark, each with enough contrast for what it is used for."""
    light, dark = shades(portal().settings.brand_color)
    sheet = f":root{{{_properties(light)}}}@media (prefers-color-scheme:dark){{:root{{{_properties(dark)}}}}}"
    response = Response(sheet, mimetype="text/css")
    response.cache_control.max_age = AN_HOUR
    response.cache_control.public = True
    return response


@bp.get("/brand/logo")
def logo() -> Response:
    """The company's logo, from BRAND_LOGO."""
    path = portal().settings.brand_logo
    if path is None:
        abort(404)
    return send_file(path, max_age=AN_HOUR)


@bp.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Where programs look that have not read a page's own icon."""
    response = redirect(static_url("img/icon.svg"), 302)
    response.cache_control.max_age = AN_HOUR
    response.cache_control.public = True
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """What search engines keep away from: all that is made for one reader. The start page may be found."""
    lines = ("User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS))
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.cache_control.max_age = AN_HOUR
    response.cache_control.public = True
    return response


def static_url(path: str) -> str:
    """The address of one of our own files; it changes with the file, so browsers may keep it for ever."""
    return f"/static/{path}?v={_digest(current_app.static_folder or '', path)}"


def init_app(app: Flask) -> None:
    """Gives templates `company` and `static_url`."""
    app.register_blueprint(bp)
    app.context_processor(_names)


def _names() -> dict[str, Any]:
    return {"company": _company(), "static_url": static_url}


def _company() -> dict[str, str | None]:
    company, settings = portal().company, portal().settings
    return {
        "name": company.name,
        "phone": company.phone,
        "phone_href": _phone_href(company.phone) if company.phone else "",
        "email": company.email,
        "logo_url": "/brand/logo" if settings.brand_logo else None,
    }


@lru_cache(maxsize=8)
def _phone_href(phone: str) -> str:
    return f"tel:{to_e164(phone)}"


def _properties(shades_of: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in shades_of.items())


@lru_cache(maxsize=256)
def _digest(folder: str, path: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:10]
