"""The office's pages about events: the event itself, its door, its sheet, and its points."""

from rewards.web.office.events import door, pages, points, sheet
from rewards.web.office.events.blueprint import bp

__all__ = ["bp", "door", "pages", "points", "sheet"]
