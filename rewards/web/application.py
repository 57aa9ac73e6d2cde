"""The application: Flask, with what protects every answer, and files that browsers keep."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, redirect, send_from_directory, url_for

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
ALWAYS = [
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
ONE_YEAR = 365 * 24 * 3600
TLS_ONLY = ("Strict-Transport-Security", f"max-age={ONE_YEAR}")
# Pages show balances and names: nobody keeps them, unless they say so themselves.
PRIVATE = ("Cache-Control", "private, no-store")


class Application(Flask):
    """Flask, which adds the protective headers where an answer leaves it.

    There they cost a microsecond. Added one by one to a response's own headers they cost
    fourteen, a fifth of what the shortest answer takes.

    The address of a file in *static* says what all of them hold, so browsers keep it without
    asking: else a till on bad Wi-Fi asks for ten files before it shows a page.
    """

    def __init__(self, import_name: str, static: Path) -> None:
        super().__init__(
            import_name, static_folder=static, static_url_path=f"/static/{_fingerprint(static)}"
        )
        self.add_url_rule("/static/<release>/<path:filename>", "static")

    def send_static_file(self, filename: str, release: str | None = None) -> Response:
        """The file, to be kept for good.

        A page of an earlier *release* that is still open is led to today's file.
        """
        if release is not None:
            return self.make_response(redirect(url_for("static", filename=filename)))
        answer = send_from_directory(str(self.static_folder), filename, max_age=ONE_YEAR)
        answer.cache_control.immutable = True
        return answer

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.protected(self.wsgi_app, environ, start_response)

    def protected(
        self, answer: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """What *answer* says, with the headers that protect it."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            sent = headers + self.always
            if not any(name == "Cache-Control" for name, _ in headers):
                sent.append(PRIVATE)
            return start_response(status, sent, *error)

        return answer(environ, start)

    @cached_property
    def always(self) -> list[tuple[str, str]]:
        """The headers of every answer."""
        return [*ALWAYS, TLS_ONLY] if self.config["SESSION_COOKIE_SECURE"] else ALWAYS

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """*func* itself: nothing here is asynchronous, and Flask would look a dozen times."""
        return func


@lru_cache
def _fingerprint(folder: Path) -> str:
    """Twelve characters that are others as soon as a file in *folder* is."""
    found = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{file.relative_to(folder).as_posix()}\n".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:12]
