"""The command line of whoever runs the service."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands to *app*."""
