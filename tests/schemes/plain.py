"""A plain scheme as a document: so many points an hour, a yuan and a suggestion."""

from typing import Any


def document(
    *,
    points_per_hour: int = 10,
    hours_cap: int = 4,
    taking_part: int = 0,
    points_per_yuan: int = 1,
    donation_cap: int = 500,
    points_per_suggestion: int = 20,
    suggestions_cap: int = 3,
    expiry: dict[str, Any] | None = None,
    spending: dict[str, Any] | None = None,
    **wallet: Any,
) -> dict[str, Any]:
    """Caps of 0 mean none; *wallet* is what else the wallet's rules say.

    Hours count by the minute, at most *hours_cap* for one event, and *taking_part* is for whoever
    served at it at all; each gift brings whole points,
    at most *donation_cap*; *suggestions_cap* is of a resident's suggestions in a month.
    """
    hours = rule("hours", points_per_hour, per="hour")
    kinds = ("money", "goods")
    gifts = [rule(kind, points_per_yuan, per="yuan", rounding="down") for kind in kinds]
    suggestion = rule("suggestion", points_per_suggestion)
    if hours_cap:
        hours["caps"] = [{"most": hours_cap, "window": "event", "measure": "quantity"}]
    if donation_cap:
        for gift in gifts:
            gift["caps"] = [{"most": donation_cap, "window": "act"}]
    if suggestions_cap:
        suggestion["caps"] = [{"most": suggestions_cap, "window": "month", "measure": "times"}]
    classes = ("environment", "elders", "culture", "safety", "education", "facilities", "service")
    rules = [hours, *gifts, suggestion, rule("event", taking_part)]
    return scheme(
        *(one for one in rules if one["amount"]["points"]),
        classes=[named(key) for key in (*classes, "other")],
        wallet={
            "expiry": expiry or {"kind": "months", "months": 12, "to_month_end": True},
            **wallet,
        },
        spending=spending or {},
    )


def scheme(*rules: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A scheme of these rules."""
    return {
        "format": "e-points-scheme/1",
        "name": {"zh": "示例规则", "en": "Sample rules"},
        "rules": list(rules),
        **parts,
    }


def rule(source: str, points: int, *, per: str = "act", **parts: Any) -> dict[str, Any]:
    """A rule that pays for *source*, named and keyed after it."""
    return {
        "key": parts.pop("key", source),
        "name": {"zh": f"示例{source}", "en": f"Sample {source}"},
        "source": source,
        "amount": {"points": points, "per": per},
        **parts,
    }


def named(key: str) -> dict[str, Any]:
    """A term of a vocabulary."""
    return {"key": key, "name": {"zh": f"示例{key}", "en": f"Sample {key}"}}
