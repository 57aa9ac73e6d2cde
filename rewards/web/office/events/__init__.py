"""The office's pages about events: the event, its door, its sheet, its points, complaints."""

from rewards.web.office.events import complaints, door, pages, points, sheet
from rewards.web.office.events.blueprint import bp

__all__ = ["bp", "complaints", "door", "pages", "points", "sheet"]
