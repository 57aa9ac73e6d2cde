"""How long points last."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rewards.ledger import expiry
from rewards.schemes.shapes import At, Const, Flag, Shape, Whole
from rewards.schemes.structures import Record


class Expiry:
    """A policy of :mod:`rewards.ledger.expiry`; its kind says which names go with it."""

    _months = Whole(1, expiry.LONGEST_MONTHS)
    _forms: ClassVar[dict[str, tuple[type[expiry.Policy], dict[str, Shape]]]] = {
        "never": (expiry.Never, {}),
        "months": (expiry.Months, {"months": _months, "to_month_end": Flag()}),
        "year_end": (expiry.YearEnd, {"years": Whole(0, expiry.LONGEST_YEARS)}),
        "idle": (expiry.Idle, {"months": _months}),
    }

    def __init__(self, *kinds: str) -> None:
        self._records = {kind: self._record(kind) for kind in kinds or self._forms}

    def _record(self, kind: str) -> Record:
        made, fields = self._forms[kind]

        def policy(kind: str, **lengths: Any) -> expiry.Policy:
            return made(**lengths)

        return Record(policy, kind=Const(kind), **fields)

    def read(self, data: object, at: At) -> expiry.Policy:
        kind = data.get("kind") if isinstance(data, Mapping) else None
        if not isinstance(kind, str) or kind not in self._records:
            place = at / "kind" if kind is not None else at
            known = ", ".join(self._records)
            raise place.wrong("unknown_choice", value=str(kind or "")[:40], known=known)
        policy: expiry.Policy = self._records[kind].read(data, at)
        return policy

    def write(self, value: expiry.Policy) -> dict[str, Any]:
        return expiry.serialize(value)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [record.schema() for record in self._records.values()]}
