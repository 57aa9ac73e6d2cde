"""A served site of the test's own, and a real Chromium to use it with."""

import contextlib
import logging
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

import wsgi
from rewards.settings import Settings
from tests.conftest import FakeClock

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
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


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Flask]:
    """The application, served to browsers at ``settings.public_url``."""
    app = wsgi.create_app(settings, clock)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(settings.host, settings.port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        from rewards.db import db

        db.engine.dispose()


@pytest.fixture
def launch() -> Iterator[Callable[..., Browser]]:
    """``launch()`` starts a Chromium; ``launch(camera=path)`` one whose camera shows a film."""
    with sync_playwright() as playwright, contextlib.ExitStack() as stack:

        def start(camera: Path | None = None) -> Browser:
            film = (*CAMERA, f"--use-file-for-fake-video-capture={camera}") if camera else ()
            browser = playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *film])
            stack.callback(browser.close)
            return browser

        yield start


def person(browser: Browser, address: str, viewport: dict[str, int]) -> Page:
    """Somebody with a device of their own: cookies apart, pages watched for faults."""
    context: BrowserContext = browser.new_context(
        base_url=address, viewport=viewport, locale="zh-CN", accept_downloads=True
    )
    context.grant_permissions(["camera"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.faults = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    page.on(
        "console",
        lambda message: (
            page.faults.append(message.text)  # type: ignore[attr-defined]
            if message.type == "error" and "the server responded" not in message.text
            else None
        ),
    )
    return page


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
