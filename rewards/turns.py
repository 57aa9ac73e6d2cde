"""Taking turns at writing to one SQLite file, within a process and between processes.

SQLite lets one write at a time, and its own way of waiting is to sleep and try again: whoever
comes often writes, whoever sleeps longest waits. So writers queue here first, where the kernel
wakes the next. That is for speed alone: whoever queues in vain, or not at all, still meets the
others at SQLite's own lock, which decides.
"""

import fcntl
import os
from threading import Lock, Thread
from time import monotonic


class Turns:
    """The queue of the writers of the database at *path*; of this process alone without one.

    Its processes queue at a lock on a file beside the database. The kernel gives it up for
    whoever dies, so a file that is left lying there means nothing.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path and f"{path}-turns"
        # Of one process only one waits for the others; the rest wait here.
        self._here = Lock()
        self._held: int | None = None

    def take(self, patience: float) -> bool:
        """Wait for a turn at most *patience* seconds; whether it has come."""
        until = monotonic() + patience
        if not self._here.acquire(timeout=patience):
            return False
        if self._path is None:
            return True
        try:
            # Read-only, so that whoever may write to the database's folder at all may queue.
            file = os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            come = _locked(file) or _Waiting(file).until(until)
        except OSError:
            return True  # no file, or no locks on files here: SQLite says better what is wrong
        if come:
            self._held = file
        else:
            self._here.release()
        return come

    def give(self) -> None:
        """End the turn that was taken."""
        file, self._held = self._held, None
        if file is not None:
            _unlock(file)
        self._here.release()


def _locked(file: int) -> bool:
    """Whether the file's lock could be had at once."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(file: int) -> None:
    # A process that was forked meanwhile has the file too: closing it here wouldn't do.
    fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


class _Waiting:
    """Waits for a file's lock in a thread of its own, since the kernel knows no patience.

    Whoever gives up leaves the thread behind; it lets go of what it then gets.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._deciding, self._given_up = Lock(), False
        self._come = Lock()
        self._come.acquire()

    def until(self, moment: float) -> bool:
        """Wait until *moment* (monotonic) at most; whether the lock has come."""
        Thread(target=self._wait, daemon=True).start()
        if self._come.acquire(timeout=max(0.0, moment - monotonic())):
            return True
        with self._deciding:
            self._given_up = not self._come.acquire(blocking=False)
        return not self._given_up

    def _wait(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._deciding:
            if not self._given_up:
                self._come.release()
                return
        _unlock(self._file)
