"""Express: one address of the API answered without Flask's frame around it.

A request that is as it should be is read by its route's own schemas, asked and answered in the
server's event loop. Whatever is not, from a missing header to a refusal, is left to Flask and the
route of the same address, so that there is one wording of it, and one description.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import marshmallow as ma

from rewards.api.framework import JSON, REPLAY_MARK
from rewards.documents import from_json, to_json
from rewards.forms import Input
from rewards.ledger import Answer
from rewards.web.front import Said, Unsaid

Json = dict[str, Any]


class Express:
    """Answers a ``POST`` of JSON by whoever shows a token.

    *schema* reads the body together with some *headers*, each under a name that no body may have.
    *ask* is given the token and what the schema read; its answer is committed, and told with 201.
    """

    def __init__(
        self,
        schema: Input,
        headers: Mapping[str, str],
        ask: Callable[[str, Json], Awaitable[Answer]],
    ) -> None:
        self._schema, self._headers, self._ask = schema, headers.items(), ask

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
            told = to_json(answer.result()).encode()
        except Exception as error:
            raise Unsaid(replayed=replayed) from error
        said = [("Content-Type", JSON), ("Content-Length", str(len(told)))]
        if replayed:
            said.append(REPLAY_MARK)
        return Said(201, said, told)

    def _read(self, headers: Mapping[str, str], body: bytes) -> tuple[str, Json] | None:
        """The token, and what else was sent; None if there is something to say about them."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if (
            headers.get("content-type") != JSON
            or kind != "Bearer"
            or not token.isascii()
            or not token.replace("_", "").replace("-", "").isalnum()
        ):
            return None
        try:
            given = from_json(body)
            for name, header in self._headers:
                if name in given:
                    return None
                given[name] = headers[header]
            return token, self._schema.load(given)
        except (ma.ValidationError, ValueError, TypeError, KeyError):
            return None
