"""Refusals: a rule said no, and says why in words that a person can act on.

The domain raises them with English source text, marked by :func:`N_` for the
message catalogue; the edge (web, API, CLI) translates and renders.
"""

from typing import Any, ClassVar


def N_(message: str) -> str:
    """Mark *message* for translation without translating it here."""
    return message


class Refused(Exception):
    """A rule refused the act; nothing was written.

    Subclasses name the rule by ``code`` (stable, used by the API), carry the HTTP
    status that fits it, and a message whose ``%(name)s`` places are filled from the
    facts given on raising. Facts are JSON values, so that a refusal can be remembered
    under an idempotency key and answered again.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This can't be done.")
    by_code: ClassVar[dict[str, type["Refused"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = Refused.by_code.setdefault(cls.code, cls)
        if known.__qualname__ != cls.__qualname__:
            raise TypeError(f"two refusals share the code {cls.code!r}")

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message % facts)

    @staticmethod
    def recall(code: str, facts: dict[str, Any]) -> "Refused":
        """The refusal that was remembered as *code* with *facts*."""
        return Refused.by_code.get(code, Refused)(**facts)


class NotFound(Refused):
    """Nothing by that name, or nothing that this person may know of."""

    code = "not_found"
    status = 404
    message = N_("That isn't here. It may have been removed, or it belongs to somebody else.")


class NotAllowed(Refused):
    """The role does not carry this right."""

    code = "not_allowed"
    status = 403
    message = N_("Your role doesn't allow this. Ask an administrator if you need it.")
