"""The ledger: the one place that moves points.

It knows nothing of events, cards or shops. Points move between accounts by immutable
transfers, inside an operation that is claimed by an idempotency key (:func:`once`).
"""

from rewards.ledger import seals, verification
from rewards.ledger.accrual import Accrual, Given, Limit, WhenFull, accrue, accrue_within
from rewards.ledger.archive.model import last_archived
from rewards.ledger.batch import Batch, Outcome, Spend
from rewards.ledger.drift import Check, Drift, Progress
from rewards.ledger.expiring import Swept, due, expire, next_due
from rewards.ledger.forecasting import Forecast, forecast
from rewards.ledger.holding import Ending, Hold, HoldEnd, not_ended, release_overdue
from rewards.ledger.idempotency import Answer, Claim, Operation, once
from rewards.ledger.idling import Activity
from rewards.ledger.model import (
    ACCRUAL,
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
from rewards.ledger.purse import Purse, open_purses
from rewards.ledger.reading import (
    Dated,
    Line,
    Page,
    SetAside,
    dated,
    owed,
    posted,
    reversed_amount,
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
from rewards.ledger.timing_out import count_overdue, time_out
from rewards.ledger.verify import consistent, count, verify

__all__ = [
    "ACCRUAL",
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
    "due",
    "expire",
    "forecast",
    "give_back",
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
    "reversed_amount",
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
