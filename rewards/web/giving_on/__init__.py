"""Giving points on, page by page: the same for a resident's phone and for the office's desk."""

from rewards.web.giving_on.choosing import Choice, begin, current, leave
from rewards.web.giving_on.steps import Door, install

__all__ = ["Choice", "Door", "begin", "current", "install", "leave"]
