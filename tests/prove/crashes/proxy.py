"""A bad line between the tills and the service: connections are reset, answers are lost."""

import socket
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random

from tests.prove.crashes.service import HOST

GOOD = "good"
RESET_BEFORE, RESET_AFTER = "reset before", "reset after"
DROP = "drop the answer"
HALF, SLOW = "half a request", "a slow request"


class Proxy:
    """Passes each connection's one request on, and while it is *bad* does so in those ways."""

    def __init__(self, upstream: int, rng: Random) -> None:
        self.upstream, self.rng = upstream, rng
        self.bad: Sequence[str] = (GOOD,)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # Only a shutdown wakes the thread that accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                way = self.rng.choice(self.bad)
                threading.Thread(target=self._pass, args=(client, way), daemon=True).start()

    def _pass(self, client: socket.socket, way: str) -> None:
        with client, suppress(OSError):
            request = _read_request(client)
            if way == RESET_BEFORE:
                _reset(client)
                return
            with socket.create_connection((HOST, self.upstream), timeout=30) as server:
                if way == HALF:
                    server.sendall(request[: len(request) // 2])
                    time.sleep(0.1)
                    _reset(server)
                    _reset(client)
                    return
                _send(server, request, slowly=way == SLOW)
                answer = b"".join(iter(lambda: server.recv(65536), b""))
            if way == RESET_AFTER:
                _reset(client)
            elif way != DROP:
                client.sendall(answer)


def _read_request(client: socket.socket) -> bytes:
    client.settimeout(30)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(client)
    head, _, body = data.partition(b"\r\n\r\n")
    [length] = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < length:
        body += _some(client)
    return head + b"\r\n\r\n" + body


def _some(client: socket.socket) -> bytes:
    data = client.recv(65536)
    if not data:
        raise ConnectionError("the till hung up")
    return data


def _send(server: socket.socket, request: bytes, *, slowly: bool) -> None:
    step = 24 if slowly else len(request)
    for start in range(0, len(request), step):
        server.sendall(request[start : start + step])
        if slowly:
            time.sleep(0.03)


def _reset(connection: socket.socket) -> None:
    """Close so that the other side is told of a reset, not of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
