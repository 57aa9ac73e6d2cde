"""A group answers each for itself, writes what waits together, and hurts nobody by another."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from rewards.bulk import Writer
from rewards.web import grouping
from rewards.web.grouping import LAST, MOST, Group, Place

WAIT = 20


class Ledger:
    """Stands in for a database: what was committed, and what it does wrong next."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.committed: list[int] = []
        self.entered, self.going_on = threading.Event(), threading.Event()
        self.errors: list[Exception] = []

    @contextmanager
    def begin(self) -> Iterator[Writer]:
        yield cast(Writer, self)

    def commit(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.committed += self.groups[-1]

    def work(self, writer: Writer, asked: Sequence[int]) -> list[int]:
        self.groups.append(list(asked))
        self.entered.set()
        if asked[0] == 0:
            assert self.going_on.wait(WAIT)
        if -1 in asked:
            raise ValueError("minus one")
        return [n * 2 for n in asked]


def ask_all(group: Group[int, int], numbers: Sequence[int], ledger: Ledger) -> dict[int, object]:
    """Ask 0 first and hold it up until all others wait; each one's answer or error."""
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        try:
            answers[number] = group.ask(number)
        except Exception as error:
            answers[number] = error

    threads = [threading.Thread(target=ask, args=(n,)) for n in (0, *numbers)]
    threads[0].start()
    assert ledger.entered.wait(WAIT)
    for thread in threads[1:]:
        thread.start()
    while len(group._queue) < len(numbers):
        threading.Event().wait(0.001)
    ledger.going_on.set()
    for thread in threads:
        thread.join(WAIT)
    return answers


def test_what_waits_is_written_together_and_each_is_answered() -> None:
    ledger = Ledger()
    numbers = range(1, 20)
    answers = ask_all(Group(ledger.begin, ledger.work), numbers, ledger)
    assert answers == {n: n * 2 for n in range(20)}
    assert [len(group) for group in ledger.groups] == [1, 19]
    assert sorted(ledger.committed) == list(range(20))


def test_a_group_has_its_measure() -> None:
    ledger = Ledger()
    answers = ask_all(Group(ledger.begin, ledger.work), range(1, MOST + 6), ledger)
    assert len(answers) == MOST + 6
    assert [len(group) for group in ledger.groups] == [1, MOST, 5]


def test_one_requests_trouble_is_nobody_elses() -> None:
    ledger = Ledger()
    answers = ask_all(Group(ledger.begin, ledger.work), [-1, 3, 4], ledger)
    assert isinstance(answers.pop(-1), ValueError)
    assert answers == {0: 0, 3: 6, 4: 8}
    assert sorted(ledger.committed) == [0, 3, 4]


def test_a_group_goes_on_after_an_error() -> None:
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)
    with pytest.raises(ValueError, match="minus one"):
        group.ask(-1)
    assert group.ask(5) == 10


class Deadlock(Exception):
    sqlstate = "40P01"


def test_a_deadlock_is_tried_again() -> None:
    ledger = Ledger()
    ledger.errors = [OperationalError("x", None, Deadlock())] * 2
    assert Group(ledger.begin, ledger.work).ask(7) == 14
    assert ledger.committed == [7]


def test_a_lost_connection_is_asked_again_by_the_same_key() -> None:
    ledger = Ledger()
    ledger.errors = [OperationalError("x", None, Exception(), connection_invalidated=True)]
    assert Group(ledger.begin, ledger.work).ask(7) == 14
    assert ledger.groups == [[7], [7]]


def test_a_full_disk_is_not() -> None:
    ledger = Ledger()
    ledger.errors = [OperationalError("x", None, Exception("disk is full"))]
    with pytest.raises(OperationalError):
        Group(ledger.begin, ledger.work).ask(7)
    assert ledger.groups == [[7]]


def test_those_who_were_answered_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "PAUSE", WAIT)
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)
    ask_all(group, [1, 2, 3], ledger)
    threads = [threading.Thread(target=group.ask, args=(n,)) for n in (4, 5, 6)]
    threads[0].start()
    threads[1].start()
    while len(group._queue) < 1:
        threading.Event().wait(0.001)
    assert [len(group) for group in ledger.groups] == [1, 3]
    threads[2].start()
    for thread in threads:
        thread.join(WAIT)
    assert [len(group) for group in ledger.groups] == [1, 3, 3]


def test_who_does_not_come_back_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)
    ask_all(group, [1, 2, 3], ledger)
    for number in range(4, 4 + LAST):
        assert group.ask(number) == number * 2
    monkeypatch.setattr(grouping, "PAUSE", threading.TIMEOUT_MAX)
    assert group.ask(99) == 198


def test_the_writing_thread_ends_when_nobody_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "IDLE", 0.01)
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)
    for number in (3, 4):
        assert group.ask(number) == number * 2
        while group._writing:
            threading.Event().wait(0.001)


def test_whoever_is_answered_may_ask_at_once() -> None:
    ledger = Ledger()
    group, over, answers = Group(ledger.begin, ledger.work), threading.Event(), list[int]()

    def answered(place: Place[int, int]) -> None:
        answers.append(place.result())
        if answers[-1] < 100:
            group.submit(answers[-1], answered)
        else:
            over.set()

    group.submit(4, answered)
    assert over.wait(WAIT)
    assert answers == [8, 16, 32, 64, 128]


def test_an_event_loop_awaits_its_answers() -> None:
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)

    async def ask() -> list[Any]:
        return await asyncio.gather(
            *(group.asked(number) for number in (3, -1, 5)), return_exceptions=True
        )

    three, error, five = asyncio.run(ask())
    assert (three, five) == (6, 10)
    assert isinstance(error, ValueError)


def test_a_loop_that_is_gone_does_not_stop_the_others() -> None:
    ledger = Ledger()
    group = Group(ledger.begin, ledger.work)

    async def ask() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(group.asked(0), 0.01)

    asyncio.run(ask())
    ledger.going_on.set()
    assert group.ask(5) == 10
    assert ledger.committed == [0, 5]
