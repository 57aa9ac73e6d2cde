"""What protects every answer: one strict content policy, and forms only from this site."""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import IntegerConverter, Map

from rewards.db import reading
from rewards.errors import N_, Refused
from rewards.web.edge import SAFE
from rewards.web.grouping import grouped_endpoints

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        # The QR reader is WebAssembly.
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        # A gift's form answers with a redirect to Stripe's own page.
        "form-action 'self' https://checkout.stripe.com",
    )
)

# No view sends these itself.
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

# Requests that carry their own proof of origin instead of a browser's: signed or by token.
exempt_prefixes = ("/hooks/", "/api/v1/")


class ForeignForm(Refused):
    """A browser says that another site sent this form."""

    code = "foreign_form"
    status = 403
    message = N_("This form came from another site, so nothing was done. Open the page here.")


class Sessions(SecureCookieSessionInterface):
    """Sessions of readers. A program has none, whatever cookie it sends: nothing is unsigned."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(exempt_prefixes):
            return None
        return super().open_session(app, request)


class RowId(IntegerConverter):
    """A row's id in an address; one that no database can hold finds no page."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)


def install(app: Flask) -> None:
    """Check where each write comes from, and send the protective headers with each answer."""
    app.url_map.converters["int"] = RowId
    app.session_interface = Sessions()
    always = list(ALWAYS)
    if app.config["SESSION_COOKIE_SECURE"]:
        always.append(("Strict-Transport-Security", "max-age=31536000"))

    @app.before_request
    def _begin() -> None:
        # What a group writes for a request, the request's own session only reads for.
        reading.set(request.method in SAFE or request.endpoint in grouped_endpoints(app))
        if request.method not in SAFE and not request.path.startswith(exempt_prefixes):
            _same_site()

    @app.after_request
    def _protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.extend(always)
        if request.endpoint != "static":
            # Pages show balances and names: no cache but the reader's own may keep them.
            headers.setdefault("Cache-Control", "private, no-store")
        return response


def _same_site() -> None:
    """Refuse a write that a browser says came from elsewhere.

    ``Sec-Fetch-Site`` is sent by every current browser and can't be set by a page; where it
    is missing, ``Origin`` is compared. A request with neither is no browser's cross-site form,
    and the session cookie is ``SameSite=Lax`` besides.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignForm
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ForeignForm
