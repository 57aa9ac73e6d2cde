"""What the shop has taken: a day's redemptions, and for the owner a month's days."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import checkout
from merchants.checkout import history
from merchants.web.days import read_day, read_month
from merchants.web.till.desk import bp, owners_only, till
from rewards import ledger
from rewards.errors import NotFound
from rewards.web.edge import act, row_id


@bp.get("/history", endpoint="history")
def day_of_history() -> ResponseReturnValue:
    """One day's redemptions, today's unless another is asked for; or a receipt by its number."""
    shop, asked = till().merchant, request.args.get("receipt", "").strip()
    problem = None
    if asked:
        try:
            found = checkout.load(act(), asked, shop)
            return redirect(url_for("till.receipt", number=found.receipt_number), 303)
        except NotFound:
            problem = gettext("No receipt of this shop has that number. Check its digits.")
    today = checkout.business_day(act(), shop)
    day = min(read_day(request.args.get("day")) or today, today)
    page = render_template(
        "till/history.html",
        day=day,
        today=today,
        page=history.page(
            act(),
            shop,
            first=day,
            last=day,
            before=request.args.get("before", type=row_id),
            after=request.args.get("after", type=row_id),
        ),
        totals=history.totals(act(), shop, day, day),
        yesterday=day - timedelta(1),
        tomorrow=day + timedelta(1) if day < today else None,
        asked=asked,
        problem=problem,
        archived=ledger.last_archived(act().session),
    )
    return page, 422 if problem else 200


@bp.get("/month")
def month() -> ResponseReturnValue:
    """The owner's month, day by day."""
    shop = owners_only().merchant
    today = checkout.business_day(act(), shop)
    first = min(read_month(request.args.get("month")) or today.replace(day=1), today)
    following = (first + timedelta(32)).replace(day=1)
    last = following - timedelta(1)
    return render_template(
        "till/month.html",
        first=first,
        days=history.by_day(act(), shop, first, last),
        totals=history.totals(act(), shop, first, last),
        earlier=(first - timedelta(1)).replace(day=1),
        later=following if following <= today else None,
    )
