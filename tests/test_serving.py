"""The service as it is started: by the command, as a process, with its environment."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
from click.testing import CliRunner

import wsgi

ROOT = Path(__file__).parent.parent

Start = Callable[..., "subprocess.Popen[str]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """``start("--no-sample", SETTING="value")`` runs the command in a clean environment."""
    running: list[subprocess.Popen[str]] = []

    def begin(*options: str, **environment: str) -> "subprocess.Popen[str]":
        settings = {"INSTANCE": str(tmp_path / "data"), "PORT": str(port), **environment}
        process = subprocess.Popen(
            [sys.executable, "wsgi.py", "run", *options],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        stop(process)


def stop(process: "subprocess.Popen[str]") -> str:
    """End the service as a supervisor would; answers what it printed."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=30)
    return printed


def page(port: int, path: str, patience: float = 60) -> str:
    """The page at *path*, as soon as the service answers."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except (URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def until(so: Callable[[], bool], patience: float = 60) -> None:
    """Wait until it is *so*."""
    deadline = time.monotonic() + patience
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def refused(process: "subprocess.Popen[str]") -> str:
    """The one sentence that the service stopped with."""
    printed, _ = process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    [sentence] = printed.strip().splitlines()
    assert sentence.startswith("Error: ") and sentence.endswith(".")
    return sentence


def test_an_empty_database_is_filled_once_and_kept(start: Start, port: int, tmp_path: Path) -> None:
    first = start()
    assert "用户名" in page(port, "/sign-in", patience=120)
    printed = stop(first)
    for role in ("administrator", "organiser", "cashier", "owner", "resident"):
        assert re.search(rf"^  {role} +\S+ +\S+ +http://127", printed, re.M), printed
    again = start()
    page(port, "/sign-in")
    assert stop(again) == printed
    with sqlite3.connect(tmp_path / "data" / "epoints.sqlite3") as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("programme", "community", "resident", "merchant", "offer")
        ]
    assert counts == [1, 2, 300, 20, 60]


def test_postgresql_is_served_the_same_way(start: Start, port: int, postgres_folder: str) -> None:
    with psycopg.connect(f"host={postgres_folder} user=postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE served")
    start("--no-sample", DATABASE_URL=f"postgresql://postgres@/served?host={postgres_folder}")
    assert "用户名" in page(port, "/sign-in")


def test_it_can_be_stopped_before_its_processes_have_begun(start: Start) -> None:
    process = start("--no-sample", WORKERS="4")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until(lambda: len(children.read_text().split()) == 4)
    stop(process)
    assert process.returncode == 0


def test_a_request_that_never_ends_does_not_keep_it_from_stopping(start: Start, port: int) -> None:
    process = start("--no-sample")
    page(port, "/sign-in")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nhalf")
        stop(process)
    assert process.returncode == 0


def test_a_port_in_use(start: Start, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert f"Port {port}" in refused(start("--no-sample"))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://somewhere/else"),
        ("DATABASE_URL", "sqlite://"),
        ("PUBLIC_URL", "points.example"),
        ("SECRET_KEY", "short"),
        ("STRIPE_SECRET_KEY", "sk_test_alone"),
        ("INSTANCE", "/dev/null/data"),
        ("WORKERS", "0"),
    ],
)
def test_a_malformed_setting(setting: str, value: str, port: int, tmp_path: Path) -> None:
    settings = {"INSTANCE": str(tmp_path / "data"), "PORT": str(port), setting: value}
    said = CliRunner().invoke(wsgi.main, ["run", "--no-sample"], env=settings)
    assert said.exit_code == 1
    [sentence] = said.output.strip().splitlines()
    assert sentence.startswith("Error: ") and setting in sentence and sentence.endswith(".")


def test_a_setting_stops_the_command_itself(start: Start) -> None:
    assert "PORT" in refused(start("--no-sample", PORT="http"))


def test_a_database_that_is_newer_than_the_code(start: Start, port: int, tmp_path: Path) -> None:
    process = start("--no-sample")
    page(port, "/sign-in")
    stop(process)
    with sqlite3.connect(tmp_path / "data" / "epoints.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer than this code" in refused(start("--no-sample"))


def test_a_database_that_is_not_there(start: Start) -> None:
    gone = "postgresql://nobody:secret@127.0.0.1:1/nothing"
    sentence = refused(start("--no-sample", DATABASE_URL=gone))
    assert "can't be opened" in sentence and "secret" not in sentence


def answer_to(port: int, *parts: bytes) -> bytes:
    """What is answered to these bytes, sent as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
        with connection.makefile("rb") as answer:
            return answer.read()


def head(line: str, **headers: str) -> bytes:
    lines = [line, "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def test_requests_reach_flask_and_answers_come_back(start: Start, port: int) -> None:
    process = start("--no-sample")
    [css] = re.findall(r'href="(/static/[0-9a-f]{12}/base\.css)"', page(port, "/sign-in"))
    form = b"username=nobody&password=wrong"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form)
    kinds = {"Content_Type": "application/x-www-form-urlencoded"}
    sent = head("POST /sign-in HTTP/1.1", Transfer_Encoding="chunked", **kinds)
    refused = answer_to(port, sent, chunked)
    assert refused.startswith(b"HTTP/1.1 403 ") and "输入不正确".encode() in refused
    style = answer_to(port, head(f"HEAD {css} HTTP/1.1"))
    assert style.startswith(b"HTTP/1.1 200 ") and style.endswith(b"\r\n\r\n")
    assert b"x-content-type-options: nosniff" in style
    assert b"cache-control: public, max-age=31536000, immutable" in style
    missing = answer_to(port, head("GET /%E6%B2%A1%E6%9C%89 HTTP/1.1"))
    assert missing.startswith(b"HTTP/1.1 404 ")
    too_long = head("POST /sign-in HTTP/1.1", Content_Length=str(2**30), **kinds)
    assert answer_to(port, too_long, b"username=").startswith(b"HTTP/1.1 413 ")
    # Who goes away in the middle of a request disturbs nobody.
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head("POST /sign-in HTTP/1.1", Content_Length="100", **kinds) + b"user")
    assert "用户名" in page(port, "/sign-in")
    assert "Traceback" not in stop(process)
