"""What one shop has taken, as the office sees it and takes it out."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants.checkout import history
from merchants.web.days import read_day
from merchants.web.office.desk import bp, shop
from rewards import audit
from rewards.spreadsheet import csv_file
from rewards.web.edge import act, commit, row_id
from rewards.web.office.home import csv_answer


@bp.get("/<int:merchant_id>/redemptions")
def redemptions(merchant_id: int) -> ResponseReturnValue:
    merchant = shop(merchant_id)
    first, last = _days()
    return render_template(
        "office/merchants/redemptions.html",
        merchant=merchant,
        first=first,
        last=last,
        page=history.page(
            act(),
            merchant,
            first=first,
            last=last,
            before=request.args.get("before", type=row_id),
            after=request.args.get("after", type=row_id),
        ),
        totals=history.totals(act(), merchant, first, last),
    )


@bp.post("/<int:merchant_id>/redemptions/export")
def export(merchant_id: int) -> ResponseReturnValue:
    """What the list shows, all pages of it. It goes out of the house, so it is in the log."""
    merchant = shop(merchant_id)
    audit.record(
        act(),
        "redemption.export",
        f"merchant:{merchant.id}",
        programme_id=merchant.programme_id,
    )
    header = (
        gettext("Receipt"),
        gettext("Time"),
        gettext("Card of"),
        gettext("Offer"),
        gettext("Bill in yuan"),
        gettext("Points"),
        gettext("Cashier"),
        gettext("Voided"),
        gettext("Reason"),
    )
    rows = [
        (
            r.receipt_number,
            r.redeemed_at.isoformat(),
            r.resident.masked_name,
            r.offer_title,
            f"{r.bill_fen / 100:.2f}" if r.bill_fen else "",
            r.points,
            r.cashier.name,
            r.voided_at.isoformat() if r.voided_at else "",
            r.void_reason,
        )
        for r in history.every(act(), merchant, *_days())
    ]
    commit()
    return csv_answer(f"redemptions-{merchant.id}.csv", csv_file(header, rows))


def _days() -> tuple[date | None, date | None]:
    return read_day(request.values.get("since")), read_day(request.values.get("until"))
