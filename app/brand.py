"""How the portal looks like the company: its colour as a style sheet, its logo, and addresses of our own files."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, send_file

from app.colours import shades
from app.portal import portal
from scheduling.rules.phone import to_e164

bp = Blueprint("brand", __name__)
AN_HOUR = 3600


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


def static_url(path: str) -> str:
    """The address of one of our own files; it changes with the file, so browsers may keep it for ever."""
    return f"/static/{path}?v={_digest(Path(current_app.static_folder or ''), path)}"


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
        "phone_href": f"tel:{to_e164(company.phone)}" if company.phone else "",
        "email": company.email,
        "logo_url": "/brand/logo" if settings.brand_logo else None,
    }


def _properties(shades_of: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in shades_of.items())


@lru_cache(maxsize=256)
def _digest(folder: Path, path: str) -> str:
    return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]
