"""The ledger: the one place that moves points.

It knows nothing of events, cards or shops. Points move between accounts by immutable
transfers, inside an operation that is claimed by an idempotency key (:func:`once`).
"""

from rewards.ledger.accrual import Accrual, Given, Limit, WhenFull, accrue, accrue_within
from rewards.ledger.batch import Batch, Outcome, Spend
from rewards.ledger.idempotency import Answer, Claim, Operation, once
from rewards.ledger.model import (
    ACCRUAL,
    EXPIRED,
    EXPIRY,
    ISSUER,
    MERCHANT,
    NEVER,
    REDEMPTION,
    REVERSAL,
    VOID,
    WALLET,
    Account,
    Transfer,
)
from rewards.ledger.opening import open_account, open_wallets
from rewards.ledger.purse import Purse, open_purses
from rewards.ledger.reading import (
    Dated,
    Line,
    Page,
    dated,
    owed,
    posted,
    reversed_amount,
    spendable,
    spendable_column,
    spendable_of,
    statement,
)
from rewards.ledger.redemption import give_back, redeem
from rewards.ledger.refusals import (
    AlreadyReversed,
    AlreadySpent,
    BadAmount,
    ForeignAccount,
    KeyReused,
    NotEnoughPoints,
    NotReversible,
    UnknownAccount,
    WalletFull,
)
from rewards.ledger.reversal import Taken, WhenSpent, take_back
from rewards.ledger.rows import check_amount
from rewards.ledger.verify import Drift, verify

__all__ = [
    "ACCRUAL",
    "EXPIRED",
    "EXPIRY",
    "ISSUER",
    "MERCHANT",
    "NEVER",
    "REDEMPTION",
    "REVERSAL",
    "VOID",
    "WALLET",
    "Account",
    "Accrual",
    "AlreadyReversed",
    "AlreadySpent",
    "Answer",
    "BadAmount",
    "Batch",
    "Claim",
    "Dated",
    "Drift",
    "ForeignAccount",
    "Given",
    "KeyReused",
    "Limit",
    "Line",
    "NotEnoughPoints",
    "NotReversible",
    "Operation",
    "Outcome",
    "Page",
    "Purse",
    "Spend",
    "Taken",
    "Transfer",
    "UnknownAccount",
    "WalletFull",
    "WhenFull",
    "WhenSpent",
    "accrue",
    "accrue_within",
    "check_amount",
    "dated",
    "give_back",
    "once",
    "open_account",
    "open_purses",
    "open_wallets",
    "owed",
    "posted",
    "redeem",
    "reversed_amount",
    "spendable",
    "spendable_column",
    "spendable_of",
    "statement",
    "take_back",
    "verify",
]
