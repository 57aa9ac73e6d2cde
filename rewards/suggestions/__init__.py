"""Suggestions: sent by residents, handled by the office, rewarded when adopted."""

from rewards.suggestions.adoption import adopt, award_of, reverse, worth
from rewards.suggestions.desk import author
from rewards.suggestions.handling import accept, answer, refuse, solve
from rewards.suggestions.model import (
    Category,
    Channel,
    Photo,
    Status,
    Suggestion,
    SuggestionStep,
    What,
)
from rewards.suggestions.photos import Picture, Shelf, Upload, prepare_all
from rewards.suggestions.reading import (
    Page,
    by_category,
    communities,
    community,
    count_by_status,
    listed,
    load_photo,
    tally,
)
from rewards.suggestions.sending import edit, load, load_own, send

__all__ = [
    "Category",
    "Channel",
    "Page",
    "Photo",
    "Picture",
    "Shelf",
    "Status",
    "Suggestion",
    "SuggestionStep",
    "Upload",
    "What",
    "accept",
    "adopt",
    "answer",
    "author",
    "award_of",
    "by_category",
    "communities",
    "community",
    "count_by_status",
    "edit",
    "listed",
    "load",
    "load_own",
    "load_photo",
    "prepare_all",
    "refuse",
    "reverse",
    "send",
    "solve",
    "tally",
    "worth",
]
