"""Answering "why 14?" in plain sentences, from the record that an award keeps.

Pure: the record of :mod:`rewards.schemes.because` goes in, sentences in Chinese or English
come out.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rewards.schemes.tongues import CHINESE, ENGLISH, Tongue, number

Facts = Mapping[str, Any]


def explain(because: Facts, language: str) -> list[str]:
    """One text for each rule that had a part in it, then what they came to together.

    Where the wallet had no room for all of it (``trimmed``), that is said last.
    """
    tongue = CHINESE if language.startswith("zh") else ENGLISH
    lines = because["lines"]
    shared = [cut for line in lines for cut in line.get("cuts", ()) if "shared" in cut]
    said = [_line(line, tongue) for line in lines]
    said += [_shared(cut, tongue) for cut in shared]
    if not lines:
        said.append(tongue.say("nothing"))
    elif len(lines) > 1 or shared:
        said.append(tongue.say("total", points=tongue.count("point", because["points"])))
    if because.get("trimmed"):
        limit, trimmed = because["wallet_limit"], because["trimmed"]
        gaps = {"limit": tongue.count("point", limit), "trimmed": tongue.count("point", trimmed)}
        said.append(tongue.say("full", **gaps))
    return said


def _line(line: Facts, tongue: Tongue) -> str:
    """What one rule made of it, up to its own caps."""
    own = [cut for cut in line.get("cuts", ()) if "shared" not in cut]
    before = [cut for cut in own if cut["measure"] != "points"]
    clauses = [_amount(line, tongue), *_steps(line, before, tongue)]
    clauses += [_cut(cut, line["per"], tongue) for cut in before]
    if all(cut["left"] for cut in before):
        if "complaint" in line:
            clauses.append(tongue.say("complaint", factor=line["complaint"]))
        clauses.append(_made(line, tongue))
    clauses += [_cut(cut, line["per"], tongue) for cut in own if cut["measure"] == "points"]
    return tongue.about(line["name"], tongue.sentence(clauses))


def _amount(line: Facts, tongue: Tongue) -> str:
    """So much at so many points each; what a multiplier is about, and its factor."""
    per, quantity = line["per"], line["quantity"]
    if per == "points":
        above = tongue.count("point", quantity)
        return tongue.say("multiplied", above=above, factor=number(Decimal(line["each"])))
    each = tongue.count("point", line["each"])
    return tongue.say(per, each=each, quantity=tongue.quantity(per, quantity))


def _steps(line: Facts, before: list[Facts], tongue: Tongue) -> list[str]:
    """That a quantity was counted in steps, where that changed it."""
    quantities = [cut["before"] for cut in before if cut["measure"] == "quantity"]
    refused = any(cut["measure"] == "times" for cut in before)
    counted = next(iter(quantities), line["counted"])
    if "step" not in line or counted == line["quantity"] or (refused and not quantities):
        return []
    step, of_it = (tongue.quantity(line["per"], n) for n in (line["step"], counted))
    return [tongue.say("stepped", step=step, counted=of_it)]


def _made(line: Facts, tongue: Tongue) -> str:
    """What it came to, and of which fraction that was rounded."""
    made, exact = line["made"], Fraction(line["exact"])
    points = tongue.count("point", abs(made))
    if line["per"] == "points":
        return tongue.say("taken" if made < 0 else "added", points=points)
    if exact.denominator == 1:
        return tongue.say("made", points=points)
    return tongue.say(line["rounding"], points=points, exact=_decimals(exact))


def _cut(cut: Facts, per: str, tongue: Tongue) -> str:
    """What a cap left of the points, the times or the quantity."""
    most = Decimal(cut["most"])
    match cut["measure"]:
        case "points":
            of_it = [tongue.count("point", n) for n in (most, cut["before"], cut["left"])]
        case "times":
            of_it = [tongue.count("time", n) for n in (most, cut["before"], cut["left"])]
        case _:
            unit = {"hour": 60, "yuan": 100}.get(per, 1)
            numbers = (int(most * unit), cut["before"], cut["left"])
            of_it = [tongue.quantity(per, n) for n in numbers]
    window = tongue.say(f"{cut['window']}_window")
    at_most = tongue.say(f"at_most_{cut['whose']}", most=of_it[0], window=window)
    if cut["left"]:
        return tongue.say("partly", at_most=at_most, left=of_it[2])
    if cut["when_over"] == "refuse" and cut["measure"] != "times":
        return tongue.say("refused", at_most=at_most, before=of_it[1])
    return tongue.say("used_up", at_most=at_most)


def _shared(cut: Facts, tongue: Tongue) -> str:
    """What a cap on several rules left of what they came to together."""
    together = tongue.say("together", cut=_cut(cut, "act", tongue))
    return tongue.about(cut["shared"], tongue.sentence([together]))


def _decimals(exact: Fraction) -> str:
    """At most four decimals; two and a sign for a fraction that needs more."""
    scaled = exact * 10_000
    if scaled.denominator == 1:
        return number(Decimal(scaled.numerator) / 10_000)
    return f"≈{number(Decimal(round(exact * 100)) / 100)}"
