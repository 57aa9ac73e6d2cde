"""Bounds, and the small things that keep within them in every part: names, points, days."""

from typing import Any

from rewards.schemes.rules import Term, WhenOver, Words
from rewards.schemes.shapes import KEY, Choice, Number, Text, Whole
from rewards.schemes.structures import Record, Set, Several

MOST_POINTS = 1_000_000
MOST_TIMES = 100
LONGEST_GRACE = 366
MOST_RULES, MOST_TERMS, MOST_CAPS, MOST_DAYS = 200, 200, 20, 400
NOTHING: frozenset[Any] = frozenset()

WORDS = Record(Words, zh=Text(200), en=Text(200))
TERMS = Several(Record(Term, key=KEY, name=WORDS), MOST_TERMS)
KEYS = (Set(KEY, MOST_TERMS), NOTHING)
POINTS = Number(0, MOST_POINTS)
FACTOR = Number(0, MOST_TIMES)
WEEKDAYS = (Set(Whole(1, 7), 7), NOTHING)
WHEN_OVER = (Choice(WhenOver), WhenOver.TRIM)
