"""Stripe's far side: answers at the network's edge, and signs what it tells us, as Stripe does.

The SDK is the real one: :class:`StripeDouble` takes the place of its HTTP client, checks the
form that arrives against the SDK's own types, and replays idempotency keys.
"""

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import stripe
from pydantic import ConfigDict, TypeAdapter, ValidationError
from stripe import _request_options as options
from stripe.params.checkout import _session_create_params as params
from typing_extensions import is_typeddict

Json = dict[str, Any]
Reply = tuple[str, int, Mapping[str, str]]


def _strict_session_params() -> TypeAdapter[Any]:
    """The SDK's own description of the call, with anything that it doesn't name refused."""
    strict = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    for declared in vars(params).values():
        if is_typeddict(declared):
            declared.__pydantic_config__ = strict
    adapter = TypeAdapter(params.SessionCreateParams)
    names = {**vars(options), **vars(params), "StripeContext": stripe.StripeContext}
    adapter.rebuild(_types_namespace=names)
    return adapter


_SESSION = _strict_session_params()


class StripeDouble(stripe.HTTPClient):
    """Stripe, as ``http_client`` of a ``StripeClient``.

    ``page`` is the address of the payment page, with ``{id}`` for the session's. ``sessions``
    are those made, by id; ``calls`` counts every request that arrived. While ``broken`` is
    set every call fails: ``"network"`` never arrives, a number is the status it answers.
    """

    name = "double"

    def __init__(self, page: str = "https://checkout.stripe.com/c/pay/{id}") -> None:
        super().__init__()
        self.page = page
        self.sessions: dict[str, Json] = {}
        self.calls = 0
        self.broken: str | int | None = None
        self._answers: dict[str, tuple[str, Reply]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def down(self, how: str | int = "network") -> Iterator[None]:
        """Out of order for a while."""
        self.broken = how
        yield
        self.broken = None

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> Reply:
        with self._lock:
            self.calls += 1
            if self.broken == "network":
                raise stripe.APIConnectionError("the double is out of reach", should_retry=False)
            if self.broken is not None:
                return _error(int(self.broken), "api_error", "the double is out of order")
            if (method.upper(), url) != ("POST", "https://api.stripe.com/v1/checkout/sessions"):
                return _error(404, "invalid_request_error", f"unrecognized: {method} {url}")
            return self._once(headers or {}, post_data or "")

    def _once(self, headers: Mapping[str, str], body: str) -> Reply:
        """Answer a repeated key with the first answer, and refuse it for another body."""
        key = headers["Idempotency-Key"]
        if key in self._answers:
            first, reply = self._answers[key]
            if first != body:
                return _error(400, "idempotency_error", "this key came with other parameters")
            return reply
        reply = self._create_session(body)
        self._answers[key] = (body, reply)
        return reply

    def _create_session(self, body: str) -> Reply:
        asked = decode_form(body)
        try:
            _SESSION.validate_python(asked)
        except ValidationError as error:
            return _error(400, "invalid_request_error", str(error))
        [item] = asked["line_items"]
        number = len(self.sessions) + 1
        session = {
            "id": f"cs_test_{number}",
            "object": "checkout.session",
            "url": self.page.format(id=f"cs_test_{number}"),
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "client_reference_id": asked["client_reference_id"],
            "metadata": asked["metadata"],
            "amount_total": int(item["price_data"]["unit_amount"]) * int(item["quantity"]),
            "currency": item["price_data"]["currency"],
            "success_url": asked["success_url"],
            "cancel_url": asked["cancel_url"],
            "locale": asked["locale"],
        }
        self.sessions[session["id"]] = session
        return json.dumps(session), 200, {}

    def close(self) -> None:
        """Nothing is held open."""

    def session_for(self, reference: str) -> Json:
        """The one session that was made for the gift of that reference."""
        [found] = [s for s in self.sessions.values() if s["client_reference_id"] == reference]
        return found


def decode_form(body: str) -> Json:
    """``a[b][0][c]=1`` as nested dictionaries and lists, the way that Stripe reads it."""
    root: Json = {}
    for name, value in parse_qsl(body, keep_blank_values=True, strict_parsing=True):
        path = re.findall(r"[^\[\]]+", name)
        place = root
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    listed: Json = _listed(root)
    return listed


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}


def _error(status: int, kind: str, message: str) -> Reply:
    return json.dumps({"error": {"type": kind, "message": message}}), status, {}


# What Stripe tells us. A session's payment is named after it, so that charge and dispute agree.


def completed(session: Json, **changes: Any) -> Json:
    """The page was completed and, unless *changes* say otherwise, paid."""
    done = {"status": "complete", "payment_status": "paid", "payment_intent": payment(session)}
    return event("checkout.session.completed", {**session, **done, **changes})


def async_succeeded(session: Json) -> Json:
    done = {"status": "complete", "payment_status": "paid", "payment_intent": payment(session)}
    return event("checkout.session.async_payment_succeeded", {**session, **done})


def async_failed(session: Json) -> Json:
    done = {"status": "complete", "payment_intent": payment(session)}
    return event("checkout.session.async_payment_failed", {**session, **done})


def expired(session: Json) -> Json:
    return event("checkout.session.expired", {**session, "status": "expired"})


def refunded(session: Json, fen: int) -> Json:
    """*fen* in all of the session's payment went back."""
    charge = {
        "id": f"ch_{session['id']}",
        "object": "charge",
        "amount": session["amount_total"],
        "amount_refunded": fen,
        "refunded": fen == session["amount_total"],
        "currency": session["currency"],
        "payment_intent": payment(session),
        "metadata": session["metadata"],
    }
    return event("charge.refunded", charge)


def dispute(session: Json, step: str, status: str = "needs_response") -> Json:
    """``created``, ``funds_withdrawn``, ``funds_reinstated`` or ``closed``."""
    about = {
        "id": f"dp_{session['id']}",
        "object": "dispute",
        "amount": session["amount_total"],
        "currency": session["currency"],
        "charge": f"ch_{session['id']}",
        "payment_intent": payment(session),
        "reason": "fraudulent",
        "status": status,
        "metadata": {},
    }
    return event(f"charge.dispute.{step}", about)


def payment(session: Json) -> str:
    return f"pi_{session['id']}"


_numbers = iter(range(1, 10**9))


def event(kind: str, about: Json) -> Json:
    """An event of its own id around an object."""
    return {
        "id": f"evt_{next(_numbers)}",
        "object": "event",
        "type": kind,
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": None,
        "data": {"object": about},
    }


def signed(told: Json, secret: str, *, ago: int = 0) -> tuple[str, dict[str, str]]:
    """The body and the headers of the webhook, truly signed *ago* seconds before now."""
    body = json.dumps(told)
    header = stripe.WebhookSignature.generate_signature_header(
        body, secret, timestamp=int(time.time()) - ago
    )
    return body, {"Stripe-Signature": header, "Content-Type": "application/json"}
