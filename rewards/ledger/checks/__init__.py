"""The checks of reconciliation: each reads, and answers only what differs."""

from rewards.ledger.checks import archives, gifts, holds, undoing, wallets
from rewards.ledger.drift import Check

CHECKS: tuple[Check, ...] = (
    wallets.balances,
    wallets.lots,
    wallets.lapses,
    wallets.entries,
    holds.holds,
    holds.captures,
    gifts.gifts,
    undoing.reversals,
    undoing.opposites,
    undoing.counters,
    undoing.owed,
    archives.archives,
)
