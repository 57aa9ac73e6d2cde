"""SQLite's writers take turns, in one process and in several, whatever becomes of them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from rewards.db import prepare_engine, reading
from rewards.turns import Turns

LONG = 60.0
SPAWN = multiprocessing.get_context("spawn")


def _other(path: str, end: Connection) -> None:
    """In a process of its own: takes and gives turns as it is told, and says what came of it."""
    turns = Turns(path)
    while (told := end.recv()) != "end":
        if told == "give":
            turns.give()
            end.send(None)
        else:
            end.send(turns.take(told))


class Other:
    """Another process that writes to the same database."""

    def __init__(self, path: str) -> None:
        self.end, there = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_other, args=(path, there), daemon=True)
        self.process.start()

    def take(self, patience: float = LONG) -> Any:
        self.end.send(patience)
        return self.end.recv()

    def give(self) -> None:
        self.end.send("give")
        self.end.recv()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid or 0, number)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "points.sqlite3")


@pytest.fixture
def other(path: str) -> Iterator[Other]:
    made = Other(path)
    yield made
    made.process.kill()
    made.process.join(LONG)


@contextmanager
def waiting(turns: Turns) -> Iterator[Callable[[], list[bool]]]:
    """Wait for a turn in a thread; the block is given what tells, in the end, whether it came."""
    come: list[bool] = []
    thread = threading.Thread(target=lambda: come.append(turns.take(LONG)))
    thread.start()

    def told() -> list[bool]:
        thread.join(LONG)
        return come

    yield told
    assert not thread.is_alive()


def test_a_turn_is_one_s_own_until_it_is_given(path: str, other: Other) -> None:
    turns = Turns(path)
    assert turns.take(LONG)
    assert other.take(0.05) is False
    assert turns.take(0.05) is False  # the same process takes one at a time as well
    turns.give()
    assert other.take() is True
    assert turns.take(0.05) is False
    other.give()
    assert turns.take(LONG)
    turns.give()


def test_whoever_waits_is_woken(path: str, other: Other) -> None:
    turns = Turns(path)
    assert other.take() is True
    with waiting(turns) as told:
        other.give()
        assert told() == [True]
    assert other.take(0.05) is False
    turns.give()
    assert other.take() is True


def test_the_turn_of_a_killed_process_is_the_next_s(path: str, other: Other) -> None:
    turns = Turns(path)
    assert other.take() is True
    with waiting(turns) as told:
        other.signal(signal.SIGKILL)
        assert told() == [True]
    turns.give()


def test_whoever_waited_in_vain_keeps_nobody_waiting(path: str, other: Other) -> None:
    """A process that hangs is waited for with patience; what comes too late is let go."""
    turns = Turns(path)
    assert other.take() is True
    other.signal(signal.SIGSTOP)
    assert turns.take(0.05) is False
    assert turns.take(0.05) is False
    other.signal(signal.SIGCONT)
    other.give()
    third = Other(path)
    assert third.take() is True  # from those that had given up
    third.give()
    third.process.kill()
    assert turns.take(LONG)
    turns.give()


def test_a_forked_process_does_not_keep_the_turn(path: str, other: Other) -> None:
    turns = Turns(path)
    assert turns.take(LONG)
    child = os.fork()
    if child == 0:  # it has all files of its parent until it ends
        signal.pause()
        os._exit(0)
    try:
        turns.give()
        assert other.take() is True
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_without_a_file_only_the_process_queues(tmp_path: Path) -> None:
    turns = Turns(None)
    assert turns.take(LONG)
    assert turns.take(0.05) is False
    turns.give()
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_made_sqlite_is_asked(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "nowhere" / "points.sqlite3"))
    assert turns.take(LONG)
    turns.give()
    assert turns.take(LONG)


def _add(url: str, times: int) -> None:
    engine = prepared(url)
    for _ in range(times):
        with engine.begin() as connection:
            found = connection.execute(text("SELECT n FROM counter")).scalar_one()
            connection.execute(text("UPDATE counter SET n = :n"), {"n": found + 1})


def prepared(url: str) -> Engine:
    engine = create_engine(url)
    prepare_engine(engine)
    return engine


def test_processes_and_engines_write_one_after_the_other(path: str) -> None:
    """Two engines in this process, and two processes: as many as came are counted."""
    url, times = f"sqlite:///{path}", 40
    with prepared(url).begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    processes = [SPAWN.Process(target=_add, args=(url, times), daemon=True) for _ in range(2)]
    threads = [threading.Thread(target=_add, args=(url, times)) for _ in range(2)]
    for one in (*processes, *threads):
        one.start()
    for one in (*processes, *threads):
        one.join(LONG)
    assert [process.exitcode for process in processes] == [0, 0]
    engine = prepared(url)
    token = reading.set(True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 4 * times
    reading.reset(token)


def test_a_reader_needs_no_turn(path: str, other: Other) -> None:
    engine = prepared(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
    assert other.take() is True
    token = reading.set(True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM counter")).scalar_one() == 0
    reading.reset(token)
