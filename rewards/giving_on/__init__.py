"""Points that residents give on: to a neighbour, found by a card, or to a cause of theirs."""
