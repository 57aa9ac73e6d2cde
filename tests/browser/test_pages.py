"""Every page that a link leads to, at three widths: no violation of WCAG 2.2 AA, no fault."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

import merchants.sample
import wsgi
from rewards.db import db
from rewards.sample import SignIn, Stage
from rewards.settings import Settings
from tests.browser.conftest import DESKTOP, PHONE, TABLET, person
from tests.conftest import Database, FakeClock, make_settings, opened

AXE = (Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js").read_text("utf-8")
RUN_AXE = """
async () => {
  const found = await axe.run(document, {
    // What passes isn't described, and what doesn't is shown as it stands in the page.
    resultTypes: ['violations'], selectors: false, elementRef: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  });
  return found.violations.map(
    (v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' | ')}`
  );
}
"""
TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
DATABASE, INSTANCE = "epoints.sqlite3", "instance"
# One page of each kind is looked at; a list's filters and pages are the same page.
EACH = 1


AFTERNOON = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Season:
    """The sample season as it was played, in a folder; each test is given a copy of it."""

    folder: Path
    sign_ins: list[SignIn]


@pytest.fixture(scope="module")
def season(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Season:
    folder = tmp_path_factory.mktemp("season")
    shutil.copy(sqlite_template, folder / DATABASE)
    instance = folder / INSTANCE
    instance.mkdir()
    settings = make_settings(f"sqlite:///{folder / DATABASE}", instance)
    app = wsgi.create_app(settings, FakeClock(AFTERNOON))
    with app.app_context():
        stage = Stage(db.session(), AFTERNOON)
        merchants.sample.play(stage, settings)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return Season(folder, stage.sign_ins)


@pytest.fixture
def database(season: Season, tmp_path: Path) -> Iterator[Database]:
    """The season's; which kind of database it is in, no page tells."""
    shutil.copy(season.folder / DATABASE, tmp_path)
    yield from opened(f"sqlite:///{tmp_path / DATABASE}")


@pytest.fixture
def sign_ins(season: Season, settings: Settings, clock: FakeClock) -> list[SignIn]:
    clock.now = AFTERNOON
    shutil.copytree(season.folder / INSTANCE, settings.instance, dirs_exist_ok=True)
    return season.sign_ins


def enter(page: Page, sign_in: SignIn | None) -> None:
    if sign_in is None:
        page.goto("/")
        return
    page.goto(sign_in.address)
    if sign_in.role == "resident":
        page.locator("input[name=pin]").fill(sign_in.secret)
    else:
        page.locator("input[name=username]").fill(sign_in.name)
        page.locator("input[name=password]").fill(sign_in.secret)
    page.locator("main form:has(input[type=password]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: urlsplit(url).path != sign_in.address)


class Walk:
    """Follows links from page to page, each kind of page once."""

    def __init__(self, app: Flask, page: Page, origin: str) -> None:
        self.adapter = app.url_map.bind(urlsplit(origin).netloc)
        self.page = page
        self.origin = origin
        self.seen: Counter[str] = Counter()
        self.queue: list[str] = []

    def note(self) -> None:
        for href in self.page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)"):
            if not href.startswith(self.origin):
                continue
            path = href.removeprefix(self.origin).split("#")[0]
            endpoint = self._endpoint(path)
            if endpoint and self.seen[endpoint] < EACH:
                self.seen[endpoint] += 1
                self.queue.append(path)

    def _endpoint(self, path: str) -> str | None:
        try:
            endpoint, _ = self.adapter.match(path.split("?")[0] or "/", method="GET")
        except (HTTPException, RequestRedirect):
            return None
        return None if endpoint == "static" else str(endpoint)

    def __iter__(self):  # type: ignore[no-untyped-def]
        self.note()
        while self.queue:
            path = self.queue.pop(0)
            with self.page.expect_event("response", lambda r: r.request.is_navigation_request()):
                try:
                    self.page.goto(path)
                except Exception as error:
                    if "Download is starting" not in str(error):
                        raise
                    continue
            yield path
            self.note()


def faults_of(page: Page) -> list[str]:
    found = []
    page.evaluate(AXE + "\n;0")
    for viewport in (PHONE, TABLET, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += [f"{viewport['width']}px {fault}" for fault in page.evaluate(RUN_AXE)]
    page.set_viewport_size({"width": 320, "height": 800})
    if page.evaluate(TOO_WIDE):
        found.append("wider than 320 px")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found += page.faults  # type: ignore[attr-defined]
    page.faults.clear()  # type: ignore[attr-defined]
    return found


def at_the_till(page: Page, code: str) -> Iterator[str]:
    """The pages between a card and its receipt, which no link leads to."""
    page.goto("/till")
    page.locator("[data-scan-code]").fill(code)
    page.locator("form.scan button[type=submit]").click()
    page.wait_for_url("**/till/customer")
    yield "customer"
    page.locator("a.offer").first.click()
    page.wait_for_url("**/till/confirm**")
    yield "confirm"
    page.locator("button.till-take").click()
    page.wait_for_url("**/till/receipts/**")
    yield "receipt"


@pytest.mark.parametrize("role", ["anyone", "resident", "cashier", "owner", "administrator"])
def test_every_page_is_accessible_and_without_fault(
    role: str, site: Flask, settings: Settings, sign_ins: list[SignIn], launch
) -> None:
    page = person(launch(), settings.public_url, PHONE)
    enter(page, next((s for s in sign_ins if s.role == role), None))
    faults = {f"{role} landing": faults_of(page)}
    if role == "cashier":
        card = next(s.address for s in sign_ins if s.role == "resident")
        faults |= {step: faults_of(page) for step in at_the_till(page, card.rsplit("/", 1)[1])}
    walk = Walk(site, page, settings.public_url)
    for path in walk:
        faults[path] = faults_of(page)
    assert {path: found for path, found in faults.items() if found} == {}
    assert len(faults) >= 4, "the walk found no pages"
