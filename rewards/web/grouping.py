"""Group commit: what several requests ask for at one moment is written in one transaction.

A database's commit waits for the disk, and waits no longer for twenty redemptions than for
one. Whoever comes while a transaction is being written queues; whoever is first in the queue
when it ends takes all that wait along in the next. Alone, a request is a group of one, at once.
Where there was company just now, a moment is given to those who were answered to be back: a
group costs nearly the same for three as for eight.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Generic, TypeVar

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from rewards.bulk import Writer, transaction
from rewards.db import reading

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# More would let the first of a group wait for the last; measured, it gains nothing either.
MOST = 64
# For how long, in seconds, a group waits to be as large as the largest of the last few were.
PAUSE, LAST = 0.0005, 8


def grouped_endpoints(app: Flask) -> set[str]:
    """The endpoints of *app* whose writing a group does."""
    endpoints: set[str] = app.extensions.setdefault("grouped", set())
    return endpoints


@contextmanager
def group_transaction(engine: Engine) -> Iterator[Writer]:
    """A group's transaction, within a request whose own session only reads."""
    token = reading.set(False)
    try:
        with transaction(engine) as writer:
            yield writer
    finally:
        reading.reset(token)


class _Place(Generic[Asked, Answer]):
    """One request's place in the queue."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.woken = Lock()
        self.woken.acquire()


class Group(Generic[Asked, Answer]):
    """Runs *work* on what was asked for together, each group in a transaction of its own.

    *work* answers one for each, in their order, and doesn't commit: the group does. Where a
    group fails, each of it is tried alone, so that one request's trouble is nobody else's.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Writer]],
        work: Callable[[Writer, Sequence[Asked]], list[Answer]],
    ) -> None:
        self._begin, self._work = begin, work
        self._free = True
        self._queue: list[_Place[Asked, Answer]] = []
        self._queueing = Lock()
        self._sizes: deque[int] = deque([1], LAST)
        # Who gathers a group, and how many it waits for.
        self._gathering: tuple[_Place[Asked, Answer], int] | None = None

    def ask(self, asked: Asked) -> Answer:
        """The answer to *asked*, committed. Raises what *work* or the commit raised for it."""
        place: _Place[Asked, Answer] = _Place(asked)
        with self._queueing:
            if self._free:
                self._free, place.leads = False, True
            else:
                self._queue.append(place)
                self._call_off()
        if not place.leads:
            place.woken.acquire()
        if place.leads:
            self._lead(place)
        if place.error is not None:
            raise place.error
        return place.answer  # type: ignore[return-value]

    def _lead(self, place: _Place[Asked, Answer]) -> None:
        """Settle all who wait by now, *place* first, and hand over to who came meanwhile."""
        group = [place]
        try:
            group += self._gathered(place)
            self._settle(group)
        finally:
            with self._queueing:
                following = self._queue.pop(0) if self._queue else None
                self._free = following is None
            for settled in group[1:]:
                settled.woken.release()
            # Last, so that those who were answered and ask again may be of the next group.
            if following is not None:
                following.leads = True
                following.woken.release()

    def _gathered(self, place: _Place[Asked, Answer]) -> list[_Place[Asked, Answer]]:
        """Who waits, once as many have come as lately did, or for longer than it is worth."""
        wanted = max(self._sizes) - 1
        self._give_way()
        with self._queueing:
            if wait := len(self._queue) < wanted:
                self._gathering = place, wanted
        if wait:
            place.woken.acquire(timeout=PAUSE)
            self._give_way()
        with self._queueing:
            self._gathering = None
            gathered, self._queue = self._queue[: MOST - 1], self._queue[MOST - 1 :]
            self._sizes.append(len(gathered) + 1)
        return gathered

    def _give_way(self) -> None:
        """Let whoever could run run first, as long as that brings somebody here.

        Sleeping for no time takes a microsecond where nobody could.
        """
        waiting = -1
        while waiting < len(self._queue) < MOST:
            waiting = len(self._queue)
            time.sleep(0)

    def _call_off(self) -> None:
        """Let whoever gathers go on if all have come that were waited for."""
        if self._gathering is not None and len(self._queue) >= self._gathering[1]:
            self._gathering[0].woken.release()
            self._gathering = None

    def _settle(self, group: list[_Place[Asked, Answer]], tries: int = 3) -> None:
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

    Two transactions were in each other's way, or the connection was lost, perhaps while it
    committed. What is asked carries its key, so asking again does nothing twice.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") in {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
    }
