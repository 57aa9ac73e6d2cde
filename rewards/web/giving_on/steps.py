"""The steps: to whom, how many, look at it once more, give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import cards
from rewards.cards import BlockedCard, ExpiredCard, NotACard, ReplacedCard, UnknownCard
from rewards.donations import causes
from rewards.errors import Refused
from rewards.forms import Form
from rewards.giving_on import giving, quoting
from rewards.giving_on.inputs import AmountInput, Confirmed, ConfirmedByPin, NeighbourCard
from rewards.giving_on.quoting import Receiver
from rewards.ledger import Answer, GivenToOneself
from rewards.residents import Resident
from rewards.schemes.giving import NotToNeighbours
from rewards.web.edge import act, answered, commit, message
from rewards.web.giving_on.choosing import Choice, begin, current, leave

CARD = (NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard, GivenToOneself)


@dataclass(frozen=True)
class Door:
    """Where somebody gives: at *name* (a blueprint), in *layout*; *giver* says whose points.

    ``by_pin`` asks for the giver's PIN before anything moves, if there is one.
    """

    name: str
    layout: str
    giver: Callable[[], Resident]
    by_pin: bool

    def url(self, view: str, **values: Any) -> str:
        return url_for(f"{self.name}.{view}", **values)

    def asks_pin(self) -> bool:
        return self.by_pin and self.giver().pin_hash is not None


def install(bp: Blueprint, door: Door) -> None:
    """Put the steps behind *bp*, which has the guard, and shows the gift at last."""
    steps = Steps(door)
    bp.add_url_rule("/choose", "choose", steps.choose)
    bp.add_url_rule("/neighbour", "find", steps.find, methods=["POST"])
    bp.add_url_rule("/cause/<int:cause_id>", "cause", steps.cause, methods=["POST"])
    bp.add_url_rule("/amount", "amount", steps.amount)
    bp.add_url_rule("/check", "check", steps.check)
    bp.add_url_rule("/give", "give", steps.give, methods=["POST"])


class Steps:
    """One door's views."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def choose(self) -> ResponseReturnValue:
        return self._choose(Form.blank(NeighbourCard))

    def find(self) -> ResponseReturnValue:
        """A neighbour's card was scanned or typed; whose it is stands on the next page, masked."""
        form = Form.read(NeighbourCard, request.form)
        if form.valid:
            try:
                quoting.neighbour(act(), self.door.giver(), form.data["code"])
                code = cards.read_code(form.data["code"])
                begin(self.door.giver().id, act().now, code=code)
                return redirect(self.door.url("amount"), 303)
            except (*CARD, NotToNeighbours) as refusal:
                form.refuse(message(refusal), "code")
        return self._choose(form), 422

    def cause(self, cause_id: int) -> ResponseReturnValue:
        """A cause was chosen from the list."""
        quoting.cause(act(), self.door.giver(), cause_id)
        begin(self.door.giver().id, act().now, cause_id=cause_id)
        return redirect(self.door.url("amount"), 303)

    def amount(self) -> ResponseReturnValue:
        return self._amount(Form.blank(AmountInput, points=request.args.get("points")))

    def check(self) -> ResponseReturnValue:
        """What would be given. Nothing is, yet, so the number may stand in the address."""
        form = Form.read(AmountInput, request.args)
        return self._check(form) if form.valid else self._amount(form, 422)

    def give(self) -> ResponseReturnValue:
        form = Form.read(ConfirmedByPin if self.door.asks_pin() else Confirmed, request.form)
        choice = current(self.door.giver().id, act().now)
        if choice is None or form.typed.get("key") != choice.key(form.typed.get("points")):
            return self._anew()
        if not form.valid:
            return self._amount(form, 422) if "points" in form.errors else self._check(form, 422)
        if self.door.asks_pin():
            refusal = cards.prove(act(), self.door.giver(), form.data["pin"])
            commit()
            if refusal is not None:
                form.refuse(message(refusal), "pin")
                return self._check(form, refusal.status)
        try:
            receipt = answered(self._give(choice, form.data["points"], form.data["key"]))
        except Refused as refusal:
            # It is remembered under its key: whatever is tried now is another gift.
            begin(choice.giver_id, act().now, code=choice.code, cause_id=choice.cause_id)
            form.refuse(message(refusal), "points")
            return self._amount(form, refusal.status)
        leave()
        return redirect(self.door.url("gift", reference=receipt["reference"], given=1), 303)

    def _give(self, choice: Choice, points: int, key: str) -> Answer:
        giver = self.door.giver()
        if choice.cause_id:
            cause_id = choice.cause_id
            return giving.to_cause(act(), giver, cause_id=cause_id, points=points, key=key)
        return giving.to_neighbour(act(), giver, scanned=choice.code, points=points, key=key)

    def _receiver(self, choice: Choice) -> Receiver:
        giver = self.door.giver()
        if choice.cause_id:
            return causes.load(act(), choice.cause_id, giver.community_id)
        return cards.find(act(), choice.code).resident

    def _anew(self) -> ResponseReturnValue:
        flash(gettext("Choose once more to whom you give: that was a while ago."), "note")
        return redirect(self.door.url("choose"), 303)

    def _choose(self, form: Form) -> str:
        giver = self.door.giver()
        return render_template(
            "giving_on/choose.html",
            door=self.door,
            form=form,
            giver=giver,
            means=quoting.means(act(), giver),
            causes=causes.of(act(), giver.community_id, active=True),
        )

    def _amount(self, form: Form, status: int = 200) -> ResponseReturnValue:
        giver = self.door.giver()
        choice = current(giver.id, act().now)
        if choice is None:
            return self._anew()
        page = render_template(
            "giving_on/amount.html",
            door=self.door,
            form=form,
            giver=giver,
            to=self._receiver(choice),
            means=quoting.means(act(), giver),
        )
        return page, status

    def _check(self, form: Form, status: int = 200) -> ResponseReturnValue:
        giver, points = self.door.giver(), form.typed["points"]
        choice = current(giver.id, act().now)
        if choice is None:
            return self._anew()
        to = self._receiver(choice)
        try:
            quote = quoting.quote(act(), giver, to, int(points))
        except Refused as refusal:
            form.refuse(message(refusal), "points")
            return self._amount(form, refusal.status)
        blank = ConfirmedByPin if self.door.asks_pin() else Confirmed
        page = render_template(
            "giving_on/check.html",
            door=self.door,
            form=form if status != 200 else Form.blank(blank),
            giver=giver,
            to=to,
            quote=quote,
            key=choice.key(quote.points),
        )
        return page, status
