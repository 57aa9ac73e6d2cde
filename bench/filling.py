"""Filling databases to be measured: people, shops and points; and a ledger with a long past."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

import wsgi
from merchants import partners, people
from rewards import cards, ledger, residents, serving, tokens
from rewards.act import SYSTEM, Act
from rewards.clock import utc_now
from rewards.communities import Programme
from rewards.db import db
from rewards.settings import Settings
from rewards.staff import Role, Staff
from tests import world

WALLETS, SHOPS, TILLS = 2_000, 500, 16
# Each wallet has them by two dates, so that spending has a choice to make.
POINTS = 1_000_000


@dataclass(frozen=True)
class Filled:
    """Ids and secrets of what :func:`fill` made."""

    programme_id: int
    issuer_id: int
    wallet_ids: list[int]
    merchant_account_ids: list[int]
    card_codes: list[str]
    till_tokens: list[str]


def fill(settings: Settings, shops_wanted: int = SHOPS) -> Filled:
    """Bring an empty database to today's version and fill it by the product's use cases."""
    app = wsgi.create_app(settings)
    with app.app_context():
        serving.migrate()
        act = Act(db.session(), SYSTEM, utc_now())
        made = world.build(act, residents_wanted=1)
        programme = act.session.get_one(Programme, made.programme_id)
        holders = residents.register_many(
            act,
            world.community(act, made.community_id),
            [residents.Details(f"示例住户{n}") for n in range(WALLETS)],
        )
        wallet_ids = [holder.wallet_id for holder in holders]
        give(act, programme, wallet_ids)
        issued = cards.issue_many(act, holders)
        shops = [
            partners.add(
                act,
                programme,
                name_zh=f"示例店{n}",
                name_en=f"Sample shop {n}",
                category="dining",
                points_per_yuan=1,
            )
            for n in range(shops_wanted)
        ]
        filled = Filled(
            programme.id,
            programme.issuer_account_id,
            wallet_ids,
            [shop.account_id for shop in shops],
            [card.code for card in issued],
            [till(act, shop, n) for n, shop in enumerate(shops[:TILLS])],
        )
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return filled


def give(act: Act, programme: Programme, wallet_ids: list[int]) -> None:
    """Half of the points until next year, half for ever."""
    accruals = [
        ledger.Accrual(wallet_id, POINTS // 2, expires_on, "示例", act.now)
        for expires_on in (act.now.date() + timedelta(days=365), ledger.NEVER)
        for wallet_id in wallet_ids
    ]

    def work(op: ledger.Operation) -> dict[str, int]:
        return {"given": len(ledger.accrue(op, programme.issuer_account_id, accruals))}

    ledger.once(act, "bench", "points-to-spend", {}, work).result()


def till(act: Act, shop: partners.Merchant, number: int) -> str:
    """Somebody new at the shop's till; answers their token."""
    # Nobody signs in: hashing a password for each would take longer than all the rest.
    member = Staff(username=f"till{number}", name="示例收银员", password_hash="")
    act.session.add(member)
    people.engage(act, shop, member, Role.CASHIER)
    return tokens.issue(act, member).secret


# A wallet's past: in every twenty transfers thirteen awards of 10 and seven redemptions of 5.
LINES = 50

PAST = """
CREATE TEMP TABLE past ON COMMIT DROP AS
SELECT i, account_id, lot_id, at, earned, CASE WHEN earned THEN 10 ELSE 5 END AS amount,
       (SELECT coalesce(max(id), 0) FROM transfer) + i AS transfer_id,
       (SELECT coalesce(max(id), 0) FROM operation) + dense_rank() OVER (ORDER BY act)
           AS operation_id,
       (CAST(:shops AS bigint[]))[i % cardinality(:shops) + 1] AS shop_id
FROM (
    SELECT i, n, (SELECT max(id) FROM account) + n AS account_id,
           (SELECT max(id) FROM lot) + n AS lot_id,
           now() - interval '1 year' * (1 - i::float / :transfers) AS at,
           (i - 1) / :wallets % 20 < 13 AS earned,
           -- Awards come up to a thousand to an operation, each redemption is one.
           CASE WHEN (i - 1) / :wallets % 20 < 13
                THEN i - (n - 1) % 1000 ELSE i END AS act
    FROM generate_series(1, :transfers) i, LATERAL (SELECT (i - 1) % :wallets + 1 AS n) wallet
) lines;
CREATE TEMP TABLE past_wallet ON COMMIT DROP AS
SELECT account_id, lot_id, sum(CASE WHEN earned THEN amount ELSE -amount END) AS owned
FROM past GROUP BY account_id, lot_id;
INSERT INTO account (id, programme_id, kind, name)
SELECT account_id, :programme, 'wallet', 'past' FROM past_wallet ORDER BY 1;
INSERT INTO balance (account_id, posted, held)
SELECT account_id, owned, 0 FROM past_wallet ORDER BY 1;
INSERT INTO lot (id, account_id, expires_on, remaining)
SELECT lot_id, account_id, DATE '9999-12-31', owned FROM past_wallet ORDER BY 1;
INSERT INTO operation (id, scope, key, fingerprint, actor, recorded_at, answer)
SELECT operation_id, 'past', 'past-' || operation_id, repeat('0', 64), 'system', min(at),
       '{"done": {}}'
FROM past GROUP BY operation_id ORDER BY 1;
INSERT INTO transfer
    (id, operation_id, kind, debit_id, credit_id, amount, happened_at, recorded_at, reason)
SELECT transfer_id, operation_id, CASE WHEN earned THEN 'accrual' ELSE 'redemption' END,
       CASE WHEN earned THEN :issuer ELSE account_id END,
       CASE WHEN earned THEN account_id ELSE shop_id END, amount, at, at, '示例'
FROM past ORDER BY i;
INSERT INTO lot_entry (transfer_id, lot_id, change)
SELECT transfer_id, lot_id, CASE WHEN earned THEN amount ELSE -amount END FROM past ORDER BY i;
SELECT setval(pg_get_serial_sequence('account', 'id'), (SELECT max(id) FROM account)),
       setval(pg_get_serial_sequence('lot', 'id'), (SELECT max(id) FROM lot)),
       setval(pg_get_serial_sequence('operation', 'id'), (SELECT max(id) FROM operation)),
       setval(pg_get_serial_sequence('transfer', 'id'), (SELECT max(id) FROM transfer))
"""


def fill_past(connection: Connection, filled: Filled, transfers: int) -> list[int]:
    """Write a past of so many transfers straight into PostgreSQL's tables; the wallets' ids.

    It is what the ledger would have written: a wallet has :data:`LINES` of them, spread over
    a year, in one lot; shops take their turns.
    """
    facts = {
        "programme": filled.programme_id,
        "issuer": filled.issuer_id,
        "shops": filled.merchant_account_ids,
        "transfers": transfers,
        "wallets": transfers // LINES,
    }
    # Foreign keys are triggers: what is written here is right by construction, and verified.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in PAST.split(";\n"):
        connection.execute(text(statement), facts)
    past = text("SELECT id FROM account WHERE kind = 'wallet' AND name = 'past' ORDER BY id")
    return list(connection.scalars(past))
