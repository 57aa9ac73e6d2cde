"""Several tills that redeem and void over HTTP, and remember what they asked and were told."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.prove.crashes.ground import Known
from tests.prove.crashes.service import HOST

TILLS = 4
# A till that hears nothing for so long asks again under the same key.
PATIENCE = 1.0
# One that was left without an answer waits a little, longer each time, before it goes on.
MOST_PAUSE = 0.5


@dataclass(frozen=True)
class Answer:
    """What a till was told. 5xx is no answer: whether it was done is not known."""

    status: int
    body: Any
    replayed: bool

    @property
    def told(self) -> tuple[int, Any]:
        return self.status, self.body


@dataclass
class Request:
    """One thing asked for under one key, and every answer to it."""

    key: str
    path: str
    body: dict[str, Any]
    answers: list[Answer] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return bool(self.answers)


class Tills:
    """Until stopped, each till sends one request after the other, made by its own seed."""

    def __init__(self, known: Known, seed: str, port: Callable[[], int]) -> None:
        self.known, self.seed, self.port = known, seed, port
        self.requests: list[Request] = []
        self.silences = 0
        self._change = threading.Condition()
        self._stopped = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with ThreadPoolExecutor(TILLS) as pool:
            running = [pool.submit(self._work, number) for number in range(TILLS)]
            try:
                yield
            finally:
                self._stopped.set()
        for till in running:
            till.result()

    def until(self, answers: int, seconds: float) -> int:
        """Wait for so many more answers, or so long; answers how many came."""
        with self._change:
            before = self._told
            self._change.wait_for(lambda: self._told >= before + answers, seconds)
            return self._told - before

    def until_silent(self, silences: int, seconds: float) -> None:
        """Wait until so many more requests got no answer, or so long."""
        with self._change:
            before = self.silences
            self._change.wait_for(lambda: self.silences >= before + silences, seconds)

    @property
    def _told(self) -> int:
        return sum(len(request.answers) for request in self.requests)

    def ask_again(self, patience: float = 30) -> None:
        """Send every request once more under its key, until it is answered."""
        deadline = time.monotonic() + patience

        def ask(request: Request) -> None:
            while not self._send(request, 10):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no answer to {request.key}")
                time.sleep(0.05)

        with ThreadPoolExecutor(TILLS) as pool:
            list(pool.map(ask, list(self.requests)))

    def _work(self, number: int) -> None:
        rng = Random(f"{self.seed} till {number}")
        receipts: list[str] = []
        made = silent = 0
        while not self._stopped.is_set():
            made += 1
            request = self._make(rng, f"{self.seed}-{number}-{made:05d}", receipts)
            with self._change:
                self.requests.append(request)
            for _ in range(rng.choice((1, 1, 2, 3))):
                if self._send(request, PATIENCE) or self._stopped.is_set():
                    break
            if not request.acknowledged:
                # A busy machine needs its time to start the service again, and all that was
                # asked meanwhile is asked once more at the end.
                silent += 1
                self._stopped.wait(min(0.05 * silent, MOST_PAUSE))
                continue
            silent = 0
            if request.answers[0].status == 201:
                receipts.append(request.answers[0].body["receipt_number"])

    def _make(self, rng: Random, key: str, receipts: list[str]) -> Request:
        if receipts and rng.random() < 0.25:
            receipt = receipts.pop(rng.randrange(len(receipts)))
            return Request(key, f"/redemptions/{receipt}/void", {"reason": "点错"})
        points, code = rng.randint(1, 40), rng.choice(self.known.codes)
        return Request(key, "/redemptions", {"code": code, "points": points, "again": True})

    def _send(self, request: Request, patience: float) -> bool:
        """Send once on a connection of its own; whether it was answered."""
        answer = None
        with suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
            answer = self._ask(request, patience)
        with self._change:
            if answer is None or answer.status >= 500:
                self.silences += 1
            else:
                request.answers.append(answer)
            self._change.notify_all()
        return answer is not None and answer.status < 500

    def _ask(self, request: Request, patience: float) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port(), timeout=patience)
        headers = {
            "Authorization": f"Bearer {self.known.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": request.key,
            "Connection": "close",
        }
        try:
            connection.request("POST", f"/api/v1{request.path}", json.dumps(request.body), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return Answer(answer.status, body, replayed)
