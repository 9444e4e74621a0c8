"""Headers, the content policy, form tokens, and who may post here.

Every page is made for one reader: nothing of it is kept by caches or found by search engines, except the start page
and files of our own that never change under one address.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

from app.portal import now, portal

SESSION_LIFETIME = timedelta(days=365)
STATIC_SECONDS = 365 * 24 * 3600
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

ALWAYS_SAID = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), camera=(), microphone=()"),
)
"""Headers of every answer that does not say them otherwise."""

csrf = CSRFProtect()
"""Every form carries a token; `hooks` exempts what suppliers post, which has a signature instead."""


class Sessions(SecureCookieSessionInterface):
    """Keeps the session cookie to TLS wherever the portal is reached under its public https address."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, made once: the keys are settings, and a request would need it made twice."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def get_cookie_secure(self, app: Flask) -> bool:
        """Not for a request that came past the proxy, over plain HTTP: its cookie would never come back."""
        return request.is_secure or (
            portal().settings.uses_https and request.host == _host(portal().settings.public_url)
        )


def init_app(app: Flask) -> None:
    """Protects forms and sets the headers of every answer."""
    app.session_interface = Sessions()
    csrf.init_app(app)
    app.before_request(_refuse_foreign_posts)
    app.after_request(_set_headers)


def keep_session() -> None:
    """Lets the session outlive the browser window, so that a form that was left open can still be sent.

    Its year begins anew every month in which it is used: a cookie with every answer would say nothing more.
    """
    month = f"{now():%Y-%m}"
    if session.get("kept") != month:
        session["kept"], session.permanent = month, True


def _refuse_foreign_posts() -> None:
    """A form on somebody else's page is refused by what the browser itself says of where it came from."""
    if request.method not in UNSAFE_METHODS or request.blueprint == "hooks":
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        abort(403)
    origin = request.headers.get("Origin")
    own = {request.host, _host(portal().settings.public_url)} - {""}
    if origin is not None and _host(origin) not in own:
        abort(403)


def _host(address: str) -> str:
    """Host and port as written; empty for what is no address."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _set_headers(response: Response) -> Response:
    headers = response.headers
    said = {name.lower() for name in headers.keys()}  # noqa: SIM118  (iterating over headers gives pairs)
    headers.extend((name, value) for name, value in ALWAYS_SAID if name.lower() not in said)
    if portal().settings.uses_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        if response.status_code == 200 and "v" in request.args:
            headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if request.endpoint not in {"static", "customer.home"}:
        headers.setdefault("X-Robots-Tag", "noindex, nofollow")
    return response
