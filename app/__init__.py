"""The doors: pages, hooks and commands. The only package that knows Flask."""

import os
from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import auth as auth
from app import brand as brand
from app import errors as errors
from app import hooks as hooks
from app import i18n as i18n
from app import logs as logs
from app import security as security
from app import work as work
from app.cli import Commands
from app.config import INSTANCE, Settings, read_settings
from app.portal import Portal
from app.templating import Environment

LARGEST_BODY_BYTES = 256 * 1024
"""Of a form; nothing that a person fills in comes near it."""


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Refuses: SettingError, for a setting it cannot start with."""
    settings = settings or read_settings(os.environ)
    app = Flask(__name__, instance_path=str(INSTANCE))
    app.jinja_environment = Environment
    app.cli = Commands(app.name)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY_BYTES,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Phones forget session cookies when they tidy up their memory; a page that was left open has to work later.
        PERMANENT_SESSION_LIFETIME=security.SESSION_LIFETIME,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        # The Referer that this would ask for is what privacy settings of browsers strip; see `security`.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.extensions["portal"] = Portal(settings)
    Path(app.instance_path).mkdir(exist_ok=True)
    for part in (work, logs, security, i18n, errors, brand, auth, hooks):
        part.init_app(app)
    _register_pages(app)
    _register_commands(app)
    return app


def _register_pages(app: Flask) -> None:
    from app.customer import bp as customer
    from app.staff.views import bp as staff

    # Each of these adds its doors to the one blueprint.
    for story in (
        "apart",
        "booking",
        "changing",
        "contact_change",
        "details",
        "homes",
        "leaving",
        "lost",
        "telling",
        "ways_in",
    ):
        import_module(f"app.customer.{story}")
    app.register_blueprint(customer)
    app.register_blueprint(staff, url_prefix="/staff")
    if app.extensions["portal"].settings.demo:
        from app.demo.views import bp as demo

        app.register_blueprint(demo, url_prefix="/demo")


def _register_commands(app: Flask) -> None:
    from app.cli import accounts, corrections, customers, data, demo, doctor, plan, retention, run

    for family in (data, accounts, customers, corrections, plan, run, demo, retention, doctor):
        for command in family.COMMANDS:
            app.cli.add_command(command)
