"""The sealed log: every settled transfer is a leaf of a Merkle tree whose root is signed.

Whoever keeps one signed checkpoint can later be shown that a transfer stands in it
(inclusion) and that nothing before it was changed since (consistency).
"""

from rewards.ledger.seals.checkpoints import BadKey, Signer, origin_of, signer
from rewards.ledger.seals.listing import listed, load
from rewards.ledger.seals.model import Checkpoint, SealedSum, SealLog, SealTile
from rewards.ledger.seals.proofs import NotSealedYet, consistency, proof, sealed
from rewards.ledger.seals.sealing import (
    NotSettled,
    Progress,
    SealBroken,
    SealedMeanwhile,
    latest,
    seal,
    settled,
)

__all__ = [
    "BadKey",
    "Checkpoint",
    "NotSealedYet",
    "NotSettled",
    "Progress",
    "SealBroken",
    "SealLog",
    "SealTile",
    "SealedMeanwhile",
    "SealedSum",
    "Signer",
    "consistency",
    "latest",
    "listed",
    "load",
    "origin_of",
    "proof",
    "seal",
    "sealed",
    "settled",
    "signer",
]
