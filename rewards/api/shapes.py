"""What the API answers with. Amounts are whole points; money is whole fen."""

import marshmallow as ma
from marshmallow import fields

from rewards.volunteering.sheet import Sheet, State


class TokenOut(ma.Schema):
    """A new token. It is shown once; keep it as you would a password."""

    token = fields.String(required=True, attribute="secret")
    token_type = fields.Constant("Bearer", metadata={"type": "string"})
    expires_at = fields.AwareDateTime(required=True)


class Dated(ma.Schema):
    """Points that can be spent through a day; null is for ever."""

    points = fields.Integer(required=True)
    expires_on = fields.Date(required=True, allow_none=True)


class BalanceOut(ma.Schema):
    """What a wallet holds. ``owed`` was to be taken back after it was spent."""

    spendable = fields.Integer(required=True)
    owed = fields.Integer(required=True)
    dated = fields.List(fields.Nested(Dated), required=True)


class LineOut(ma.Schema):
    """One line of a statement. ``points`` is signed; ``other`` is the other side's name."""

    id = fields.Integer(required=True, attribute="transfer_id")
    kind = fields.String(required=True)
    points = fields.Integer(required=True, attribute="change")
    reason = fields.String(required=True)
    other = fields.String(required=True)
    happened_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    reverses = fields.Integer(required=True, allow_none=True, attribute="reverses_id")


class StatementOut(ma.Schema):
    """A page of a statement, the newest first. ``before`` asks for the next, null at the end."""

    lines = fields.List(fields.Nested(LineOut), required=True)
    before = fields.Integer(required=True, allow_none=True)


class EntryOut(ma.Schema):
    """A transfer as it was sealed; moments have microseconds and are in UTC."""

    id = fields.Integer(required=True)
    operation = fields.Integer(required=True)
    kind = fields.String(required=True)
    debit = fields.Integer(required=True)
    credit = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    reverses = fields.Integer(required=True, allow_none=True)
    happened = fields.String(required=True)
    recorded = fields.String(required=True)
    reason = fields.String(required=True)


class ProofOut(ma.Schema):
    """The proof that an entry is under a signed checkpoint; hashes are in base64."""

    format = fields.String(required=True)
    entry = fields.Nested(EntryOut, required=True)
    salt = fields.String(required=True)
    index = fields.Integer(required=True)
    hashes = fields.List(fields.String(), required=True)
    checkpoint = fields.String(required=True)


class CauseOut(ma.Schema):
    """What a community collects for, and the points that residents gave to it."""

    cause_id = fields.Integer(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    points = fields.Integer(required=True)


class CausesOut(ma.Schema):
    """The causes that take gifts."""

    causes = fields.List(fields.Nested(CauseOut), required=True)


class GiftReceiptOut(ma.Schema):
    """What was given: ``to`` is a masked name or a cause, ``left`` what can be spent after it."""

    reference = fields.String(required=True)
    to = fields.String(required=True)
    points = fields.Integer(required=True)
    left = fields.Integer(required=True)
    given_at = fields.String(required=True, metadata={"format": "date-time"})


class GiftOut(ma.Schema):
    """Points given (negative) or received; ``other`` is the other side, a neighbour masked."""

    reference = fields.String(required=True)
    points = fields.Integer(required=True)
    other = fields.String(required=True)
    given_at = fields.AwareDateTime(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)


class GiftsOut(ma.Schema):
    """A page of gifts, the newest first. ``before`` asks for the next, null at the end."""

    gifts = fields.List(fields.Nested(GiftOut), required=True)
    before = fields.Integer(required=True, allow_none=True)


class UndoneOut(ma.Schema):
    """A gift that is undone: its points are the giver's again."""

    reference = fields.String(required=True)
    points = fields.Integer(required=True)


class SheetLineOut(ma.Schema):
    """One resident's line: what was served, what it is worth, and what stands in the way."""

    attendance_id = fields.Integer(required=True, attribute="attendance.id")
    name = fields.String(required=True, attribute="resident.name")
    minutes = fields.Integer(required=True, attribute="attendance.minutes")
    points = fields.Integer(required=True, attribute="worth.points")
    state = fields.Enum(State, by_value=True, required=True)


class SheetOut(ma.Schema):
    """An event's sheet. An award sends its ``round_number`` and ``points_ready`` back."""

    event_id = fields.Integer(required=True, attribute="event.id")
    title = fields.String(required=True, attribute="event.title")
    status = fields.String(required=True, attribute="event.status")
    starts_at = fields.AwareDateTime(required=True, attribute="event.starts_at")
    ends_at = fields.AwareDateTime(required=True, attribute="event.ends_at")
    round_number = fields.Method("_next_round", required=True, metadata={"type": "integer"})
    points_ready = fields.Integer(required=True)
    points_awarded = fields.Integer(required=True)
    lines = fields.List(fields.Nested(SheetLineOut), required=True)

    def _next_round(self, sheet: Sheet) -> int:
        return sheet.event.rounds + 1


class AwardOut(ma.Schema):
    """What a round of awards came to."""

    residents = fields.Integer(required=True)
    points = fields.Integer(required=True)
    round_number = fields.Integer(required=True, attribute="round")
