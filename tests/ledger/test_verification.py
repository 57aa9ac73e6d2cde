"""What runs of the reconciliation found is kept, the newest first."""

from dataclasses import asdict
from datetime import timedelta

from rewards import ledger
from rewards.ledger import Drift, verification
from tests.conftest import Acting
from tests.ledger.book import Book
from tests.ledger.test_deductions import deduct, restore
from tests.ledger.test_holds import Holder


def test_of_an_empty_ledger_every_figure_is_none(book: Book) -> None:
    with book.acting() as act:
        figures = verification.figures(act.session)
    assert set(asdict(figures).values()) == {0}


def test_figures_say_what_is_set_aside_and_what_is_owed_and_not_let_go(acting: Acting) -> None:
    holder = Holder(acting)
    holder.accrue(10)
    holder.place(4)
    forgiven, standing = deduct(holder, 8, owe=True), deduct(holder, 3, owe=True)
    assert (forgiven.owed, standing.owed) == (2, 3)
    restore(holder, forgiven).result()
    with acting() as act:
        figures = verification.figures(act.session)
    assert (figures.outstanding, figures.held, figures.owed) == (10, 4, 3)


def test_each_run_is_kept_with_its_figures_and_the_first_of_its_findings(book: Book) -> None:
    book.accrue(30)
    book.redeem(10).result()
    many = [Drift("lot", i, 1, 2, "Lot %(id)s") for i in range(verification.MOST_FOUND + 5)]
    with book.acting() as act:
        assert verification.latest(act.session) == []
        for days, found in ((0, []), (1, many)):
            verification.keep(
                act.session,
                ran_at=act.now + timedelta(days=days),
                seconds=1.5,
                checked=2,
                found=found,
                figures=verification.figures(act.session),
            )
    with book.acting() as act:
        newest, older = verification.latest(act.session, 5)
        assert (newest.drifts, len(newest.found)) == (len(many), verification.MOST_FOUND)
        assert (older.drifts, older.found, older.transfers) == (0, [], 2)
        assert older.figures == {
            "issued": 30,
            "spent": 10,
            "given": 0,
            "expired": 0,
            "outstanding": 20,
            "held": 0,
            "owed": 0,
            "archived": 0,
        }
        assert [row.id for row in verification.latest(act.session)] == [newest.id]
        assert ledger.posted(act.session, book.issuer) == -30
