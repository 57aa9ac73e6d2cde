"""The programme: who earns points, why, and the ledger that keeps them."""
