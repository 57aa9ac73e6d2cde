"""Checks of the whole tree that `make check` runs."""
