"""Forms only from this site, sessions only for readers, and ids that a database can hold."""

from urllib.parse import urlsplit

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import IntegerConverter, Map

from rewards.db import reading
from rewards.errors import N_, Refused
from rewards.web.edge import SAFE
from rewards.web.grouping import grouped_endpoints

# Requests that carry their own proof of origin instead of a browser's: signed or by token.
exempt_prefixes = ("/hooks/", "/api/v1/")
# A static file that knew of the session would be kept by browsers for that session's cookie only.
without_session = (*exempt_prefixes, "/static/")


class ForeignForm(Refused):
    """A browser says that another site sent this form."""

    code = "foreign_form"
    status = 403
    message = N_("This form came from another site, so nothing was done. Open the page here.")


class Sessions(SecureCookieSessionInterface):
    """Sessions of readers. A program has none, whatever cookie it sends: nothing is unsigned."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(without_session):
            return None
        return super().open_session(app, request)


class RowId(IntegerConverter):
    """A row's id in an address; one that no database can hold finds no page."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)


def install(app: Flask) -> None:
    """Check where each write comes from; programs get no session."""
    app.url_map.converters["int"] = RowId
    app.session_interface = Sessions()

    @app.before_request
    def _begin() -> None:
        # What a group writes for a request, the request's own session only reads for.
        reading.set(request.method in SAFE or request.endpoint in grouped_endpoints(app))
        if request.method not in SAFE and not request.path.startswith(exempt_prefixes):
            _same_site()


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
