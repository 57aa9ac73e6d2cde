"""The merchants' pages: the till, the office's list of partners, where to spend."""

from flask import Flask


def register(app: Flask) -> None:
    """Put the merchants' pages into *app*."""
