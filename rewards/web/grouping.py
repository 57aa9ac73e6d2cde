"""Group commit: what several requests ask for at one moment is written in one transaction.

A database's commit waits for the disk, and waits no longer for twenty redemptions than for
one. Whoever comes while a transaction is being written queues, and all that wait are written in
the next. Alone, a request is a group of one, at once. Where there was company just now, a moment
is given to those who were answered to be back: a group costs nearly the same for three as for
eight.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

from flask import Flask
from sqlalchemy.exc import DBAPIError

from rewards.bulk import Writer

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# More would let the first of a group wait for the last; measured, it gains nothing either.
MOST = 64
# For how long, in seconds, a group waits to be as large as the largest of the last few were.
PAUSE, LAST = 0.0015, 8
# After so many seconds without anything to write the writing thread ends.
IDLE = 5.0


def grouped_endpoints(app: Flask) -> set[str]:
    """The endpoints of *app* whose writing a group does."""
    endpoints: set[str] = app.extensions.setdefault("grouped", set())
    return endpoints


class Place(Generic[Asked, Answer]):
    """What one request asks for, its answer, and who is to be told that it is there."""

    def __init__(self, asked: Asked, settled: Callable[["Place[Asked, Answer]"], object]) -> None:
        self.asked, self.settled = asked, settled
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def result(self) -> Answer:
        """The answer, committed. Raises what *work* or the commit raised for it."""
        if self.error is not None:
            raise self.error
        return self.answer  # type: ignore[return-value]


class Group(Generic[Asked, Answer]):
    """Runs *work* on what was asked for together, each group in a transaction of its own.

    *work* answers one for each, in their order, and doesn't commit: the group does. Where a
    group fails, each of it is tried alone, so that one request's trouble is nobody else's. All
    is written by one thread, which begins with the first who asks.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Writer]],
        work: Callable[[Writer, Sequence[Asked]], list[Answer]],
    ) -> None:
        self._begin, self._work = begin, work
        self._queue: list[Place[Asked, Answer]] = []
        self._enough = Condition(Lock())
        # How many in the queue wake the writer.
        self._wanted = 1
        self._writing = False
        self._sizes: deque[int] = deque([1], LAST)

    def ask(self, asked: Asked) -> Answer:
        """The answer to *asked*, waited for by this thread."""
        woken = Lock()
        woken.acquire()
        place = self.submit(asked, lambda _place: woken.release())
        woken.acquire()
        return place.result()

    async def asked(self, asked: Asked) -> Answer:
        """The answer to *asked*, awaited in an event loop."""
        loop = asyncio.get_running_loop()
        told = loop.create_future()

        def tell() -> None:
            if not told.done():
                told.set_result(None)

        place = self.submit(asked, lambda _place: loop.call_soon_threadsafe(tell))
        await told
        return place.result()

    def submit(
        self, asked: Asked, settled: Callable[[Place[Asked, Answer]], object]
    ) -> Place[Asked, Answer]:
        """Queue; *settled* is called in the writing thread once the place has its result."""
        place: Place[Asked, Answer] = Place(asked, settled)
        with self._enough:
            self._queue.append(place)
            if not self._writing:
                self._writing = True
                Thread(target=self._write, name="group", daemon=True).start()
            elif len(self._queue) == self._wanted:
                self._enough.notify()
        return place

    def _write(self) -> None:
        while group := self._gathered():
            self._settle(group)
            for place in group:
                # A loop that was closed meanwhile has nobody left to tell.
                with contextlib.suppress(RuntimeError):
                    place.settled(place)

    def _gathered(self) -> list[Place[Asked, Answer]]:
        """Who waits, once as many have come as lately did, or for longer than it is worth.

        Nobody, if nobody came for long: then the thread ends.
        """
        with self._enough:
            self._wanted = 1
            if not self._queue and not self._enough.wait(IDLE) and not self._queue:
                self._writing = False
                return []
            self._wanted = max(self._sizes)
            if len(self._queue) < self._wanted:
                self._enough.wait(PAUSE)
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
            self._sizes.append(len(group))
        return group

    def _settle(self, group: list[Place[Asked, Answer]], tries: int = 3) -> None:
        try:
            answers = self._commit([place.asked for place in group])
        except Exception as error:
            if len(group) > 1:
                for place in group:
                    self._settle([place])
            elif tries > 1 and _may_go_better(error):
                self._settle(group, tries - 1)
            else:
                group[0].error = error
        else:
            for place, answer in zip(group, answers, strict=True):
                place.answer = answer

    def _commit(self, asked: Sequence[Asked]) -> list[Answer]:
        with self._begin() as writer:
            answers = self._work(writer, asked)
            writer.commit()
        return answers


def _may_go_better(error: Exception) -> bool:
    """Whether the database may do next time what it didn't now.

    Two transactions were in each other's way; or the connection was lost, perhaps while it
    committed, or has forgotten what it had prepared. What is asked carries its key, so asking
    again does nothing twice.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") in {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "26000",  # invalid_sql_statement_name
    }
