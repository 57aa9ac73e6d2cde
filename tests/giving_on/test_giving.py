"""Giving points on by the rules in force: who may, to whom, how many; and undoing it."""

from datetime import date

import pytest
from sqlalchemy import select, text

from rewards import cards, ledger, sealcheck
from rewards.act import Actor
from rewards.audit import AuditEntry
from rewards.cards import BlockedCard, NotACard, UnknownCard
from rewards.donations import causes
from rewards.donations.causes import CauseClosed
from rewards.errors import NotFound, Refused
from rewards.giving_on import listing, quoting
from rewards.giving_on.refusals import NoWorkingCard, TooLateForOffice, TooLateToUndo
from rewards.ledger import seals
from rewards.schemes.giving import (
    GivingMuch,
    GivingMuchAtOnce,
    GivingMuchToday,
    NotToCauses,
    NotToNeighbours,
)
from tests.conftest import START, Acting, Database, FakeClock
from tests.giving_on.conftest import OPEN, Street
from tests.ledger import sealed
from tests.ledger.test_verify import unfreeze

STAFF = Actor("staff", 1, "示例")


def test_a_neighbour_gets_it_and_both_statements_say_so(street: Street) -> None:
    street.pay_in(50)
    receipt = street.give(20)
    assert receipt == {
        "reference": receipt["reference"],
        "to": "示***",
        "points": 20,
        "left": 30,
        "given_at": START.isoformat(),
    }
    assert (street.spendable(), street.spendable(street.neighbour)) == (30, 20)
    with street.acting() as act:
        for number, change in ((street.giver, -20), (street.neighbour, 20)):
            wallet = street.resident(act, number).wallet_id
            page = ledger.statement(act.session, wallet, size=1)
            assert page.lines[0].other == "", "the ledger tells nobody's name"
            [line] = listing.named(act, page.lines)
            assert (line.kind, line.change, line.other) == (ledger.GIFT, change, "示***")
        entry = act.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.actor) == ("gift.give", f"resident:{street.giver}")


def test_a_neighbour_in_the_programme_s_other_community_gets_it(street: Street) -> None:
    street.pay_in(10)
    street.give(10, street.stranger)
    assert street.spendable(street.stranger) == 10


def test_a_cause_gets_it_and_its_sum_is_that_of_its_rows(street: Street) -> None:
    street.pay_in(50)
    street.give(20, cause=street.cause)
    undone = street.give(5, cause=street.cause)
    street.give(1, cause=street.cause)
    street.undo(undone["reference"])
    with street.acting() as act:
        cause = causes.load(act, street.cause, street.here.community_id)
        found = listing.sums(act, [cause.id])[cause.id]
        assert (found.points, found.gifts) == (21, 2)
        assert ledger.posted(act.session, cause.account_id) == 21
        rows = listing.of_cause(act, cause).gifts
        assert [(row.points, row.undone is not None) for row in rows] == [
            (1, False), (5, True), (20, False),
        ]  # fmt: skip
        causes.edit(act, cause, title="新名", description="示例")
    with street.acting() as act:
        wallet = street.resident(act, street.giver).wallet_id
        assert ledger.statement(act.session, wallet).lines[0].other == "新名"


def test_a_repeat_gives_nothing_more_and_a_key_is_for_one_gift(street: Street) -> None:
    street.pay_in(50)
    first = street.give(20, key="one-tap")
    assert street.give(20, key="one-tap") == first
    with pytest.raises(ledger.KeyReused):
        street.give(21, key="one-tap")
    with pytest.raises(ledger.KeyReused):
        street.give(20, cause=street.cause, key="one-tap")
    assert street.spendable() == 30


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        ({}, NotToNeighbours),
        ({"to_causes": True}, NotToNeighbours),
        ({"to_neighbours": True}, NotToCauses),
    ],
)
def test_nothing_is_given_where_the_rules_say_no(
    street: Street, rules: dict[str, bool], refusal: type[Refused]
) -> None:
    street.pay_in(50)
    with street.acting() as act:
        street.rule(act, rules)
    with pytest.raises(refusal):
        street.give(1, cause=street.cause if refusal is NotToCauses else None)
    assert street.spendable() == 50


def test_the_month_s_limit_counts_what_was_given_and_not_returned(
    street: Street, clock: FakeClock
) -> None:
    street.pay_in(500)
    with street.acting() as act:
        street.rule(act, {**OPEN, "points": {"most": 100, "window": "month"}})
    first = street.give(60)
    street.give(30, cause=street.cause)
    with pytest.raises(GivingMuch) as refused:
        street.give(11)
    assert refused.value.facts == {
        "most": 100, "left": 10, "again": "2026-12-01",
        "since": "2026-11-01", "until": "2026-11-30",
    }  # fmt: skip
    street.undo(first["reference"])
    street.give(70)
    # 23:59 of the last day where the programme is, and the first minute of the next month.
    clock.now = START.replace(day=30, hour=15, minute=59)
    with pytest.raises(GivingMuch):
        street.give(1)
    clock.forward(minutes=1)
    street.give(100)


def test_limits_of_a_day_and_of_one_gift_say_so(street: Street) -> None:
    street.pay_in(500)
    with street.acting() as act:
        street.rule(act, {**OPEN, "points": {"most": 10, "window": "day"}})
    street.give(8)
    with pytest.raises(GivingMuchToday) as refused:
        street.give(3)
    assert refused.value.facts == {"most": 10, "left": 2, "again": "2026-11-21"}
    with street.acting() as act:
        street.rule(act, {**OPEN, "points": {"most": 10, "window": "act"}})
    with pytest.raises(GivingMuchAtOnce) as refused:
        street.give(11)
    assert refused.value.facts == {"most": 10}
    street.give(10)
    street.give(10)


def test_the_neighbour_s_wallet_keeps_its_limit_and_a_gift_is_never_trimmed(
    street: Street,
) -> None:
    street.pay_in(500)
    street.pay_in(90, to=street.neighbour)
    with street.acting() as act:
        street.rule(act, OPEN, limit=100, when_full="trim")
    with pytest.raises(ledger.ReceiverFull):
        street.give(11)
    street.give(10)
    street.give(200, cause=street.cause)
    assert street.spendable(street.neighbour) == 100


def test_cards_that_cannot_be_given_to(street: Street) -> None:
    street.pay_in(50)
    with street.acting() as act:
        cards.block(act, cards.find(act, street.codes[street.neighbour]), reason="示例")
    for code, refusal in (
        (street.codes[street.giver], ledger.GivenToOneself),
        (street.codes[street.neighbour], BlockedCard),
        (street.elsewhere(), UnknownCard),
        (cards.new_code(), UnknownCard),
        ("0000 0000 0000 0001", NotACard),
    ):
        with pytest.raises(refusal):
            street.give(1, code=code)
    assert street.spendable() == 50


def test_whose_card_is_blocked_gives_nothing(street: Street) -> None:
    street.pay_in(50)
    with street.acting() as act:
        cards.block(act, cards.find(act, street.codes[street.giver]), reason="示例")
    for cause in (None, street.cause):
        with pytest.raises(NoWorkingCard):
            street.give(1, cause=cause)
    assert street.spendable() == 50


def test_causes_that_cannot_be_given_to(street: Street) -> None:
    street.pay_in(50)
    with street.acting() as act:
        other = causes.add(act, street.here.other_community_id, title="别处", description="示例")
        other_id = other.id
        causes.close(act, causes.load(act, street.cause, street.here.community_id))
    for cause, refusal in ((street.cause, CauseClosed), (other_id, NotFound), (999, NotFound)):
        with pytest.raises(refusal):
            street.give(1, cause=cause)
    assert street.spendable() == 50


def test_a_quote_says_which_points_go_and_what_stands_in_the_way(street: Street) -> None:
    street.pay_in(30, date(2027, 6, 30))
    street.pay_in(10, date(2026, 11, 30))
    with street.acting() as act:
        street.rule(act, {**OPEN, "points": {"most": 35, "window": "month"}})
    with street.acting() as act:
        giver, to = street.resident(act, street.giver), street.resident(act, street.neighbour)
        has = quoting.means(act, giver)
        assert (has.spendable, has.free, has.most) == (40, 40, 35)
        quote = quoting.quote(act, giver, to, 15)
        assert (quote.left, quote.going) == (
            25, [ledger.Dated(date(2026, 11, 30), 10), ledger.Dated(date(2027, 6, 30), 5)],
        )  # fmt: skip
        for points, refusal in (
            (41, ledger.NotEnoughPoints),
            (36, GivingMuch),
            (0, ledger.BadAmount),
        ):
            with pytest.raises(refusal):
                quoting.quote(act, giver, to, points)
        with pytest.raises(ledger.GivenToOneself):
            quoting.quote(act, giver, giver, 1)
    street.give(15)
    with street.acting() as act:
        wallet = street.resident(act, street.neighbour).wallet_id
        assert ledger.dated(act.session, wallet, START.date()) == quote.going


def test_what_is_owed_is_not_offered(street: Street) -> None:
    street.pay_in(50)
    with street.acting() as act:
        giver = street.resident(act, street.giver)
        issuer = giver.community.programme.issuer_account_id

        def deduct(op: ledger.Operation) -> dict[str, int]:
            for amount in (50, 20):
                ledger.deduct(
                    op,
                    giver.wallet_id,
                    issuer,
                    amount,
                    today=act.now.date(),
                    happened_at=act.now,
                    reason="示例",
                    owe=True,
                )
            return {}

        ledger.once(act, "test", "deducted", {}, deduct).result()
    street.pay_in(30)
    with street.acting() as act:
        giver = street.resident(act, street.giver)
        assert quoting.means(act, giver).most == 10
        with pytest.raises(ledger.OwedPoints):
            quoting.quote(act, giver, street.resident(act, street.neighbour), 11)
    with pytest.raises(ledger.OwedPoints):
        street.give(11)
    street.give(10)


def test_the_giver_has_second_thoughts_for_ten_minutes(street: Street, clock: FakeClock) -> None:
    street.pay_in(50)
    first, second = street.give(20), street.give(5)
    clock.forward(minutes=10)
    assert street.undo(first["reference"])["points"] == 20
    with pytest.raises(ledger.AlreadyReversed):
        street.undo(first["reference"])
    clock.forward(seconds=1)
    with pytest.raises(TooLateToUndo):
        street.undo(second["reference"])
    assert (street.spendable(), street.spendable(street.neighbour)) == (45, 5)


def test_the_office_undoes_a_slip_for_a_week_with_its_reason(
    street: Street, clock: FakeClock
) -> None:
    street.pay_in(50)
    first, second = street.give(20), street.give(5)
    clock.forward(days=7)
    street.undo(first["reference"], by=STAFF, because="扫错了卡")
    clock.forward(seconds=1)
    with pytest.raises(TooLateForOffice):
        street.undo(second["reference"], by=STAFF, because="扫错了卡")
    with street.acting() as act:
        gift = street.gift(act, first["reference"])
        assert gift.undone is not None
        assert (gift.undone.undone_by_id, gift.undone.because) == (1, "扫错了卡")
        for number, change in ((street.giver, 20), (street.neighbour, -20)):
            wallet = street.resident(act, number).wallet_id
            [line] = listing.named(act, ledger.statement(act.session, wallet, size=1).lines)
            assert (line.kind, line.change) == (ledger.GIFT_RETURN, change)
            assert (line.other, line.reason) == ("示***", "扫错了卡")


def test_what_was_spent_stays_given(street: Street) -> None:
    street.pay_in(50)
    receipt = street.give(20)
    street.give(1, street.giver, giver=street.neighbour)
    with pytest.raises(ledger.GiftGone):
        street.undo(receipt["reference"])
    assert (street.spendable(), street.spendable(street.neighbour)) == (31, 19)


def test_at_the_desk_the_gift_names_who_did_it(street: Street) -> None:
    street.pay_in(50)
    receipt = street.give(20, by=Actor("staff", street.here.organiser_id, "组织者甲"))
    with street.acting() as act:
        gift = street.gift(act, receipt["reference"])
        assert gift.recorded_by_id == street.here.organiser_id
        assert listing.load_at(act, gift.reference, street.here.community_id) is gift
        with pytest.raises(NotFound):
            listing.load_at(act, gift.reference, street.here.other_community_id)
        stranger = street.resident(act, street.stranger)
        with pytest.raises(NotFound):
            listing.load(act, gift.reference, stranger)


def test_lists_and_news(street: Street, clock: FakeClock) -> None:
    street.pay_in(50)
    for _ in range(listing.PAGE + 1):
        street.give(1)
    with street.acting() as act:
        giver, neighbour = (street.resident(act, n) for n in (street.giver, street.neighbour))
        page = listing.of_resident(act, giver)
        assert len(page.gifts) == listing.PAGE and page.before == page.gifts[-1].id
        rest = listing.of_resident(act, neighbour, before=page.before)
        assert (len(rest.gifts), rest.before) == (1, None)
        here = listing.of_community(act, street.here.community_id)
        assert [g.id for g in here.gifts] == [g.id for g in page.gifts]
        assert listing.of_community(act, street.here.other_community_id).gifts == []
        assert len(listing.news(act, neighbour)) == listing.PAGE
        assert listing.news(act, giver) == []
    clock.forward(days=7)
    with street.acting() as act:
        assert listing.news(act, street.resident(act, street.neighbour)) == []


def test_where_no_rules_are_in_force_nothing_can_be_given(street: Street, acting: Acting) -> None:
    code = street.elsewhere()
    with acting() as act:
        stranger = cards.find(act, code).resident
        assert quoting.means(act, stranger).most == 0
        with pytest.raises(NotToNeighbours):
            quoting.neighbour(act, stranger, street.codes[street.giver])


def test_a_gift_is_sealed_and_its_proof_holds(street: Street, database: Database) -> None:
    street.pay_in(50)
    receipt = street.give(20)
    street.undo(receipt["reference"], because="示例")
    checkpoint = sealed.seal(database)
    assert checkpoint is not None
    statement = sealcheck.open_checkpoint(checkpoint.note, checkpoint.key)
    with street.acting() as act:
        gift = street.gift(act, receipt["reference"])
        assert gift.undone is not None
        kinds = []
        for number in (gift.transfer_id, gift.undone.transfer_id):
            document = seals.proof(act.session, number)
            sealcheck.check_proof(document, statement, checkpoint.key)
            kinds.append(document["entry"]["kind"])
            document["entry"]["amount"] += 1
            with pytest.raises(sealcheck.Tampered):
                sealcheck.check_proof(document, statement, checkpoint.key)
    assert kinds == [ledger.GIFT, ledger.GIFT_RETURN]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE points_gift SET points = 21 WHERE id = 1", {"gift", "undone gift"}),
        ("UPDATE points_gift SET giver_id = 3 WHERE id = 1", {"gift"}),
        ("UPDATE points_gift SET cause_id = 1, receiver_id = NULL WHERE id = 1", {"gift"}),
        ("DELETE FROM points_gift WHERE id = 2", {"transfer without gift"}),
        ("DELETE FROM points_gift_undone", {"undone gift"}),
        ("UPDATE points_gift_undone SET transfer_id = 1", {"undone gift"}),
    ],
)
def test_what_is_changed_in_a_gift_is_found(
    acting: Acting, database: Database, statement: str, found: set[str]
) -> None:
    street = Street(acting)
    street.pay_in(50)
    street.undo(street.give(20)["reference"])
    street.give(5, cause=street.cause)
    assert street.drifts() == []
    with database.engine.begin() as connection:
        unfreeze(connection)
        connection.execute(text(statement))
    assert {drift.what for drift in street.drifts()} == found
