"""The desk's pages about cards: the list and each card, and printing."""

from rewards.web.office.cards import desk, printing
from rewards.web.office.cards.blueprint import bp

__all__ = ["bp", "desk", "printing"]
