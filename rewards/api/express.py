"""Express: one address of the API answered without Flask's frame around it.

A request that is as it should be is read by its route's own schemas, asked and answered in the
server's event loop. Whatever is not, from a missing header to a refusal, is left to Flask and the
route of the same address, so that there is one wording of it, and one description.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import marshmallow as ma

from rewards.api.framework import JSON, REPLAY_MARK, encoded
from rewards.forms import Input
from rewards.ledger import Answer
from rewards.web.front import Said, Unsaid

Json = dict[str, Any]


class Express:
    """Answers a ``POST`` of JSON by whoever shows a token.

    *ask* is given the token, what the schema *headers* read and what *body* read; its answer is
    committed, and told with 201.
    """

    def __init__(
        self,
        headers: Input,
        body: Input,
        ask: Callable[[str, Json, Json], Awaitable[Answer]],
    ) -> None:
        self._headers, self._body, self._ask = headers, body, ask
        self._names = [
            (field.data_key or name, (field.data_key or name).lower())
            for name, field in headers.load_fields.items()
        ]

    async def answer(self, headers: Mapping[str, str], body: bytes) -> Said | None:
        """What is told; None if there is something to say about the request.

        Raises:
            Unsaid: something went wrong, and Flask is to say what.
        """
        asked = self._read(headers, body)
        if asked is None:
            return None
        replayed = False
        try:
            answer = await self._ask(*asked)
            replayed = answer.replayed
            told = encoded(answer.result()).encode()
        except Exception as error:
            raise Unsaid(replayed=replayed) from error
        said = [("Content-Type", JSON), ("Content-Length", str(len(told)))]
        if replayed:
            said.append(REPLAY_MARK)
        return Said(201, said, told)

    def _read(self, headers: Mapping[str, str], body: bytes) -> tuple[str, Json, Json] | None:
        """The token, the headers and the body; None if there is something to say about them."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if (
            headers.get("content-type") != JSON
            or kind != "Bearer"
            or not token.isascii()
            or not token.replace("_", "").replace("-", "").isalnum()
        ):
            return None
        given = {name: headers[key] for name, key in self._names if key in headers}
        try:
            return token, self._headers.load(given), self._body.load(json.loads(body))
        except (ma.ValidationError, ValueError, RecursionError):
            return None
