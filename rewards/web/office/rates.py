"""The programme's rates: in force, before and to come. Set by those who administer all of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.communities import Programme
from rewards.errors import NotAllowed
from rewards.forms import Form
from rewards.schemes import rates
from rewards.schemes.rates import NoRates, Rates
from rewards.schemes.rates_inputs import RatesInput, typed
from rewards.schemes.refusals import PastDate
from rewards.web import access, policies
from rewards.web.access import office
from rewards.web.edge import act, commit, message
from rewards.web.frame import day, points

bp = access.office_only(Blueprint("office_rates", __name__, url_prefix="/office/rates"))

RATES = (
    "points_per_hour",
    "hours_cap",
    "points_per_yuan",
    "donation_cap",
    "points_per_suggestion",
    "suggestions_cap",
    "expiry",
    "grace_days",
    "wallet_limit",
    "when_full",
)


def for_the_programme(view: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
    """Narrow *view* to administrators of the whole programme: rates are the same everywhere."""

    @wraps(view)
    def narrowed(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not office().whole_programme:
            raise NotAllowed
        return view(*args, **kwargs)

    return narrowed


@bp.get("")
def index() -> ResponseReturnValue:
    rows = rates.history(act(), _programme().id)
    current = _in_force()
    return render_template(
        "office/rates/index.html",
        rows=rows,
        current=current,
        labels=_labels(),
        shown=shown,
        policies=policies,
        standing={row.id: rates.standing(row, rows, act().now) for row in rows},
    )


@bp.get("/new")
@for_the_programme
def new() -> ResponseReturnValue:
    current = _in_force()
    known = typed(current) if current else {}
    given = {name: request.args[name] for name in RatesInput().fields if name in request.args}
    return render_template("office/rates/new.html", form=Form.blank(RatesInput, **(given or known)))


@bp.post("/check")
@for_the_programme
def check() -> ResponseReturnValue:
    """What would change, side by side, before anything does."""
    form = Form.read(RatesInput, request.form)
    if form.valid:
        try:
            rates.check_day(act(), _programme(), form.data["effective_on"])
        except PastDate as refusal:
            form.refuse(message(refusal), "effective_on")
    if not form.valid:
        return render_template("office/rates/new.html", form=form), 422
    newest = next(iter(rates.history(act(), _programme().id, size=1)), None)
    return render_template(
        "office/rates/check.html",
        form=form,
        seen=newest.id if newest else "",
        current=_in_force(),
        labels=_labels(),
        shown=shown,
        names=RATES,
    )


@bp.post("")
@for_the_programme
def announce() -> ResponseReturnValue:
    form = Form.read(RatesInput, request.form)
    if form.valid:
        seen = request.form.get("seen", type=int)
        try:
            new = rates.announce(act(), _programme(), seen=seen, **form.data)
            commit()
            flash(
                gettext("The new rates are in force from %(day)s.", day=day(new.effective_from)),
                "done",
            )
            return redirect(url_for("office_rates.index"), 303)
        except PastDate as refusal:
            form.refuse(message(refusal), "effective_on")
    return render_template("office/rates/new.html", form=form), 422


def shown(name: str, value: Any) -> str:
    """A rate in words: what 0 and nothing mean depends on which it is."""
    if name == "expiry":
        return policies.expiry_sentence(value)
    if name == "grace_days":
        return policies.grace_sentence(value) or gettext("none")
    if name == "when_full":
        return str(dict(RatesInput().fields[name].metadata["choices"])[value])
    if name in ("wallet_limit", "hours_cap", "donation_cap", "suggestions_cap") and not value:
        return str(gettext("no limit"))
    return points(value)


def _programme() -> Programme:
    return office().community.programme


def _in_force() -> Rates | None:
    try:
        return rates.in_force(act(), _programme().id, act().now)
    except NoRates:
        return None


def _labels() -> dict[str, Any]:
    fields = RatesInput().fields
    return {
        name: fields["expiry_kind" if name == "expiry" else name].metadata["label"]
        for name in RATES
    }
