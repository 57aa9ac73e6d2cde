"""Which WSGI server carries the redemption path best? Each in turn, on one database.

``python -m bench.servers`` starts granian and gunicorn (threads) alternately on the same data,
has eight tills redeem over the JSON API for some seconds, and prints the medians and their
ratio. PostgreSQL by ``DATABASE_URL=…`` (an empty database), else SQLite in a scratch folder.
gunicorn is not among the project's dependencies: install it for this comparison only.
"""

import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import wsgi
from rewards import cards, serving
from rewards.act import SYSTEM, Act
from rewards.clock import utc_now
from rewards.db import db
from rewards.settings import Settings
from tests import world
from tests.merchants import shop

ROOT = Path(__file__).parent.parent
TILLS, SECONDS, ROUNDS = 8, 5, 3
SERVERS = {
    "granian": ["granian", "--interface", "wsgi", "--factory", "--blocking-threads", "5"],
    "gunicorn": ["gunicorn", "--worker-class", "gthread", "--threads", "5", "--log-level", "error"],
}


def prepare(settings: Settings) -> list[str]:
    """A shop with a cashier, and a card with many points for each till; answers the codes."""
    app = wsgi.create_app(settings)
    with app.app_context():
        serving.migrate()
        act = Act(db.session(), SYSTEM, utc_now())
        made = shop.build(act, points=1_000_000).world
        codes = []
        for number in range(TILLS):
            holder = world.resident(act, made.resident_ids[number % 3])
            if number < 3:
                card = cards.active_card(act, holder.id) or cards.issue(act, holder)
                world.give(act, holder.id, 1_000_000, key=f"bench-{number}")
                codes.append(card.code)
        db.session.commit()
        db.engine.dispose()
    return list(itertools.islice(itertools.cycle(codes), TILLS))


@contextmanager
def serving_by(name: str, settings: Settings) -> Iterator[None]:
    binary, *options = SERVERS[name]
    where = ["--bind", f"127.0.0.1:{settings.port}", "wsgi:create_app()"]
    if name == "granian":
        where = ["--host", "127.0.0.1", "--port", str(settings.port), "wsgi:create_app"]
    environment = {
        **os.environ,
        "INSTANCE": str(settings.instance),
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "PORT": str(settings.port),
    }
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / binary), *options, *where],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(settings.port)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not come up")


def token(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"username": "cashier", "password": world.PASSWORD})
    connection.request("POST", "/api/v1/tokens", body, {"Content-Type": "application/json"})
    secret: str = json.loads(connection.getresponse().read())["token"]
    return secret


def redeem_for_a_while(port: int, secret: str, code: str, run: str) -> list[float]:
    """One till on one connection; answers how long each redemption took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took, until = [], time.monotonic() + SECONDS
    body = json.dumps({"code": code, "points": 1, "again": True})
    for number in itertools.count():
        begun = time.monotonic()
        if begun > until:
            return took
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{run}-{number:06d}",
        }
        connection.request("POST", "/api/v1/redemptions", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 201, said
        took.append(time.monotonic() - begun)
    raise AssertionError("unreachable")


def measure(name: str, settings: Settings, codes: list[str], number: int) -> tuple[float, float]:
    """Redemptions a second, and the slowest one in a hundred, in milliseconds."""
    with serving_by(name, settings):
        secret = token(settings.port)
        with ThreadPoolExecutor(TILLS) as tills:
            runs = [
                tills.submit(
                    redeem_for_a_while, settings.port, secret, code, f"{name}-{number}-{till}"
                )
                for till, code in enumerate(codes)
            ]
            took = sorted(t for run in runs for t in run.result())
    return len(took) / SECONDS, took[int(len(took) * 0.99)] * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "INSTANCE": folder,
            "PORT": "8765",
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        }
        settings = Settings.read(environment, Path(folder))
        codes = prepare(settings)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVERS}
        for number in range(ROUNDS):
            for name in SERVERS:
                found[name].append(measure(name, settings, codes, number))
    for name, rounds in found.items():
        rate = statistics.median(r for r, _ in rounds)
        slow = statistics.median(p for _, p in rounds)
        print(f"{name:<10} {rate:7.0f} redemptions/s   p99 {slow:6.1f} ms")
    rates = {name: statistics.median(r for r, _ in rounds) for name, rounds in found.items()}
    print(f"granian ÷ gunicorn: {rates['granian'] / rates['gunicorn']:.2f}")


if __name__ == "__main__":
    main()
