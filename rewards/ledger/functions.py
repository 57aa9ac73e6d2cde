"""The ledger's part of the redemption path in PostgreSQL: called in two trips."""

from rewards.ledger.model import REDEMPTION
from rewards.procedures import Function, Inserting

# Waits until nobody else is at work under these keys, and lets nobody begin until the
# transaction ends: a batch writes its operations last. Answers what is known of the keys, and
# ids to write by. The transaction takes its own number before the first of them: sealing waits
# for those that might yet write a transfer, and knows them by it.
CLAIM = Function(
    "ledger_claim(scopes text[], keys text[], tables text[], wanted int)",
    "json",
    """
    PERFORM pg_advisory_xact_lock(n) FROM (
        SELECT hashtextextended(concat(u.scope, E'\\n', u.key), 0) AS n
        FROM unnest(scopes, keys) AS u(scope, key) ORDER BY 1
    ) AS numbers;
    PERFORM pg_current_xact_id();
    known := (
        SELECT json_agg(json_build_array(o.scope, o.key, o.fingerprint, o.answer))
        FROM unnest(scopes, keys) AS u(scope, key)
        JOIN operation o ON o.scope = u.scope AND o.key = u.key
    );
    RETURN json_build_array(known, (
        SELECT json_agg(ARRAY(
            SELECT nextval(CAST(u.name || '_id_seq' AS regclass)) FROM generate_series(1, wanted)
        ))
        FROM unnest(tables) AS u(name)
    ));
    """,
    declares="known json",
)
# Locks wallets in the order of their ids. Whoever changes a lot locks its wallet first, so the
# lots, read by a statement of their own after what was waited for, are current.
PURSES = Function(
    "ledger_purses(wallets bigint[])",
    "json",
    """
    balances := (
        SELECT json_agg(json_build_array(
            w.account_id, a.programme_id, w.held, w.idle_months, w.lapses_on
        ))
        FROM (
            SELECT b.account_id, b.held, b.idle_months, b.lapses_on FROM balance b
            WHERE b.account_id = ANY(wallets) ORDER BY b.account_id FOR UPDATE
        ) AS w
        JOIN account a ON a.id = w.account_id
    );
    RETURN json_build_array(balances, (
        SELECT json_agg(json_build_array(l.account_id, l.id, l.expires_on, l.remaining)
                        ORDER BY l.account_id, l.expires_on)
        FROM lot l WHERE l.account_id = ANY(wallets) AND l.remaining > 0
    ));
    """,
    declares="balances json",
)
OPERATION = Inserting(
    "operation",
    {
        "id": "bigint",
        "scope": "text",
        "key": "text",
        "fingerprint": "text",
        "actor": "text",
        "recorded_at": "timestamptz",
        "answer": "json",
    },
)
# What each transfer takes from which lot comes in three arrays; what that comes to for a lot or
# a wallet comes added up, for an UPDATE changes a row once.
SPENDS = Function(
    "ledger_spends(ids bigint[], operations bigint[], wallets bigint[], merchants bigint[], "
    "amounts bigint[], moments timestamptz[], reasons text[], moment timestamptz, "
    "entry_transfers bigint[], entry_lots bigint[], entry_changes bigint[], "
    "lots bigint[], lot_changes bigint[], "
    "balances bigint[], balance_changes bigint[], days date[])",
    "void",
    f"""
    INSERT INTO transfer (id, operation_id, kind, debit_id, credit_id, amount, happened_at,
                          recorded_at, reason)
    SELECT r.id, r.operation, '{REDEMPTION}', r.wallet, r.merchant, r.amount, r.at, moment, r.reason
    FROM unnest(ids, operations, wallets, merchants, amounts, moments, reasons)
        AS r(id, operation, wallet, merchant, amount, at, reason);
    INSERT INTO lot_entry (transfer_id, lot_id, change)
    SELECT r.transfer, r.lot, r.change
    FROM unnest(entry_transfers, entry_lots, entry_changes) AS r(transfer, lot, change);
    UPDATE lot SET remaining = lot.remaining + r.change
    FROM unnest(lots, lot_changes) AS r(id, change) WHERE lot.id = r.id;
    UPDATE balance
    SET posted = balance.posted + r.change, lapses_on = coalesce(r.day, balance.lapses_on)
    FROM unnest(balances, balance_changes, days) AS r(id, change, day)
    WHERE balance.account_id = r.id;
    """,
)

FUNCTIONS = (CLAIM, PURSES, OPERATION.function, SPENDS)
