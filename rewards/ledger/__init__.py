"""The ledger: the one place that moves points.

It knows nothing of events, cards or shops. Points move between accounts by immutable
transfers, inside an operation that is claimed by an idempotency key (:func:`once`).
"""

from rewards.ledger import functions, seals, verification
from rewards.ledger.accrual import Accrual, Given, Limit, WhenFull, accrue, accrue_within
from rewards.ledger.archive.model import last_archived
from rewards.ledger.batch import Batch, Outcome
from rewards.ledger.checks.leaves import helping
from rewards.ledger.deduction import Deducted, deduct, restore
from rewards.ledger.drift import Check, Drift, Progress
from rewards.ledger.expiring import Swept, due, expire, next_due
from rewards.ledger.forecasting import Forecast, forecast
from rewards.ledger.holding import Ending, Hold, HoldEnd, not_ended, release_overdue
from rewards.ledger.idempotency import Answer, Claim, Operation, once
from rewards.ledger.idling import Activity
from rewards.ledger.model import (
    ACCRUAL,
    DEDUCTION,
    EXPIRED,
    EXPIRY,
    IDLE,
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
from rewards.ledger.purse import Purse, Purses, open_purses
from rewards.ledger.reading import (
    Dated,
    Debt,
    Line,
    Page,
    SetAside,
    dated,
    debts,
    owed,
    posted,
    reversed_amount,
    reversed_amounts,
    set_aside,
    spendable,
    spendable_column,
    spendable_of,
    statement,
    takeable,
)
from rewards.ledger.redemption import give_back, redeem
from rewards.ledger.refusals import (
    AlreadyReversed,
    AlreadySpent,
    BadAmount,
    BadUntil,
    CaptureOverHold,
    ForeignAccount,
    HoldEnded,
    HoldTimedOut,
    KeyReused,
    NotEnoughPoints,
    NotReversible,
    UnknownAccount,
    UnknownHold,
    WalletFull,
)
from rewards.ledger.reversal import Taken, WhenSpent, take_back
from rewards.ledger.rows import check_amount
from rewards.ledger.setting_aside import capture, place, release
from rewards.ledger.spending import Spend
from rewards.ledger.timing_out import count_overdue, time_out
from rewards.ledger.verify import consistent, count, verify

__all__ = [
    "ACCRUAL",
    "DEDUCTION",
    "EXPIRED",
    "EXPIRY",
    "IDLE",
    "ISSUER",
    "MERCHANT",
    "NEVER",
    "REDEMPTION",
    "REVERSAL",
    "VOID",
    "WALLET",
    "Account",
    "Accrual",
    "Activity",
    "AlreadyReversed",
    "AlreadySpent",
    "Answer",
    "BadAmount",
    "BadUntil",
    "Batch",
    "CaptureOverHold",
    "Check",
    "Claim",
    "Dated",
    "Debt",
    "Deducted",
    "Drift",
    "Ending",
    "Forecast",
    "ForeignAccount",
    "Given",
    "Hold",
    "HoldEnd",
    "HoldEnded",
    "HoldTimedOut",
    "KeyReused",
    "Limit",
    "Line",
    "NotEnoughPoints",
    "NotReversible",
    "Operation",
    "Outcome",
    "Page",
    "Progress",
    "Purse",
    "Purses",
    "SetAside",
    "Spend",
    "Swept",
    "Taken",
    "Transfer",
    "UnknownAccount",
    "UnknownHold",
    "WalletFull",
    "WhenFull",
    "WhenSpent",
    "accrue",
    "accrue_within",
    "capture",
    "check_amount",
    "consistent",
    "count",
    "count_overdue",
    "dated",
    "debts",
    "deduct",
    "due",
    "expire",
    "forecast",
    "functions",
    "give_back",
    "helping",
    "last_archived",
    "next_due",
    "not_ended",
    "once",
    "open_account",
    "open_purses",
    "open_wallets",
    "owed",
    "place",
    "posted",
    "redeem",
    "release",
    "release_overdue",
    "restore",
    "reversed_amount",
    "reversed_amounts",
    "seals",
    "set_aside",
    "spendable",
    "spendable_column",
    "spendable_of",
    "statement",
    "take_back",
    "takeable",
    "time_out",
    "verification",
    "verify",
]
