"""A served site of the test's own, and a real Chromium to use it with."""

import contextlib
import logging
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

import wsgi
from rewards.settings import Settings
from rewards.volunteering import events
from tests import world
from tests.conftest import Acting, FakeClock
from tests.merchants.shop import Counter

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_CAMERA = "--use-fake-device-for-media-stream"
CAMERA = (FAKE_CAMERA, "--use-fake-ui-for-media-stream")
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1180, "height": 820}
DESKTOP = {"width": 1440, "height": 900}


def executable() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "Chromium is missing: run `make test-tools`"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As for every test, but at an address that a browser can open."""
    port = free_port()
    return replace(settings, port=port, public_url=f"http://127.0.0.1:{port}")


def in_one_piece(app: Flask) -> WSGIApplication:
    """Read each answer to its end before it is sent.

    A browser that moves on drops the connection, and the test server would then leave the
    file that it was sending open.
    """

    def whole(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return whole


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Flask]:
    """The application, served to browsers at ``settings.public_url``."""
    app = wsgi.create_app(settings, clock)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(settings.host, settings.port, in_one_piece(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        from rewards.db import db

        db.engine.dispose()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def _start(playwright: Playwright, flags: Sequence[str]) -> Browser:
    return playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *flags])


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """``launch()`` starts a Chromium; ``launch(camera=path)`` one whose camera shows a film."""
    with contextlib.ExitStack() as stack:

        def start(camera: Path | None = None, flags: Sequence[str] = ()) -> Browser:
            film = (*CAMERA, f"--use-file-for-fake-video-capture={camera}") if camera else ()
            browser = _start(playwright, [*flags, *film])
            stack.callback(browser.close)
            return browser

        yield start


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium without a camera for all tests of a module: :func:`person` parts them."""
    browser = _start(playwright, ())
    yield browser
    browser.close()


def person(
    browser: Browser, address: str, viewport: dict[str, int], *, scripts: bool = True
) -> Page:
    """Somebody with a device of their own: cookies apart, every tab watched for faults."""
    context = browser.new_context(
        base_url=address,
        viewport=viewport,  # type: ignore[arg-type]
        locale="zh-CN",
        accept_downloads=True,
        java_script_enabled=scripts,
    )
    context.grant_permissions(["camera"])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.faults = []  # type: ignore[attr-defined]

    def note(message: ConsoleMessage) -> None:
        # The refusals that the tests ask for are no faults.
        if message.type == "error" and "the server responded" not in message.text:
            page.faults.append(message.text)  # type: ignore[attr-defined]

    context.on("weberror", lambda fault: page.faults.append(str(fault.error)))  # type: ignore[attr-defined]
    context.on("console", note)
    return page


def sign_in(page: Page, username: str) -> None:
    """Come in as a member of staff, by the door that they use."""
    page.goto("/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


@pytest.fixture
def device(site: Flask, settings: Settings) -> Iterator[Callable[..., Page]]:
    """``device(browser, "cashier")`` hands a signed-in person a device; none may show a fault."""
    pages: list[Page] = []

    def hand_out(
        browser: Browser,
        username: str | None = None,
        viewport: dict[str, int] = TABLET,
        *,
        scripts: bool = True,
    ) -> Page:
        page = person(browser, settings.public_url, viewport, scripts=scripts)
        pages.append(page)
        if username:
            sign_in(page, username)
        return page

    yield hand_out
    for page in pages:
        page.context.close()
    assert [fault for page in pages for fault in page.faults] == []  # type: ignore[attr-defined]


@pytest.fixture
def counter(acting: Acting) -> Counter:
    """A shop with a cashier, and a resident with a card and 100 points."""
    return Counter(acting)


@pytest.fixture
def event_id(acting: Acting, counter: Counter) -> int:
    """A published event, an hour from now, whose door has just opened."""
    with acting() as act:
        event = events.create(
            act,
            world.community(act, counter.shop.world.community_id),
            title="整理绿地",
            service="environment",
            place="中心花园",
            starts_at=act.now + timedelta(hours=1),
            ends_at=act.now + timedelta(hours=3),
        )
        events.publish(act, event)
        return event.id


def film(picture: Path, made: Path) -> Path:
    """Two seconds of *picture* as a camera would see it."""
    subprocess.run(
        [
            "ffmpeg", "-y", "-loglevel", "error", "-loop", "1", "-i", str(picture), "-t", "2",
            "-r", "10", "-vf",
            "scale=1280:720:force_original_aspect_ratio=decrease,"
            "pad=1280:720:(ow-iw)/2:(oh-ih)/2:white",
            "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", str(made),
        ],
        check=True,
    )  # fmt: skip
    return made
