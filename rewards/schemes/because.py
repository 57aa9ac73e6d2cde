"""Why an award is what it is, as JSON that needs nothing else to be worded.

The names and numbers of the rules are kept with it: they say what held then, whatever the
scheme says later.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from rewards.schemes.facts import Cut, Line, Outcome
from rewards.schemes.reckoning import UNITS, rounded
from rewards.schemes.rules import Factor, Words


def record(outcome: Outcome, version_id: int | None = None) -> dict[str, Any]:
    """The arithmetic of an outcome: its lines, and the version of the scheme it goes by."""
    return {
        "version": version_id,
        "points": outcome.points,
        "lines": [_line(line) for line in outcome.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    """One line. ``made`` is what it came to before caps on points; quantities are in minutes,
    fen, items, or of a multiplier the points above it."""
    rule, amount = line.rule, line.rule.amount
    made = rounded(line.exact, rule.rounding) - _above(line)
    found: dict[str, Any] = {
        "rule": rule.key,
        "name": _words(rule.name),
        "source": rule.source.value,
        "per": "points" if isinstance(amount, Factor) else amount.per.value,
        "quantity": line.quantity,
        "counted": line.counted,
        "each": _number(line.each),
        "exact": str(line.exact),
        "rounding": rule.rounding.value,
        "made": made,
        "points": line.points,
    }
    if not isinstance(amount, Factor) and amount.step is not None:
        found["step"] = int(amount.step.size * UNITS[amount.per])
    if line.complaint is not None:
        found["complaint"] = _number(line.complaint)
    if line.cuts:
        found["cuts"] = [_cut(cut) for cut in line.cuts]
    return found


def _cut(cut: Cut) -> dict[str, Any]:
    cap = cut.cap
    found: dict[str, Any] = {
        "most": _number(cap.most),
        "window": cap.window.value,
        "measure": cap.measure.value,
        "whose": cap.whose.value,
        "when_over": cap.when_over.value,
        "before": cut.before,
        "left": cut.left,
    }
    if cut.shared is not None:
        found["shared"] = _words(cut.shared.name)
    return found


def _above(line: Line) -> int:
    """The points that a multiplier's exact result includes but didn't give."""
    return line.counted if isinstance(line.rule.amount, Factor) else 0


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _number(number: Decimal | Fraction) -> str:
    """A decimal without an exponent or closing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
