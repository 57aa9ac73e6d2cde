"""A scheme in plain sentences, in Chinese or in English: what a resident reads of it.

Pure: "周末环境类服务每小时 15 分，每日至多 45 分。" of a rule's data.
"""

from dataclasses import dataclass

from rewards.schemes.phrases import EN, ZH
from rewards.schemes.rules import Rule, SharedCap
from rewards.schemes.rulewords import (
    joined,
    policy_words,
    rule_sentence,
    shared_sentence,
    weekday_names,
    word,
)
from rewards.schemes.scheme import Allowance, GivingOn, Scheme, Spending, Star, Wallet
from rewards.schemes.tongues import Tongue


@dataclass(frozen=True)
class Section:
    """Some of a scheme's sentences under their heading; ``key`` says what they are about."""

    key: str
    title: str
    sentences: tuple[str, ...]


def of_scheme(scheme: Scheme, language: str) -> list[Section]:
    """All that a scheme says, in sections; one that would be empty isn't there."""
    tongue = _tongue(language)
    earning = [rule_sentence(rule, scheme, tongue) for rule in scheme.rules]
    earning += [shared_sentence(shared, scheme, tongue) for shared in scheme.shared_caps]
    said = {
        "earning": earning,
        "keeping": _wallet(scheme.wallet, tongue),
        "spending": _spending(scheme.spending, tongue),
        "stars": [_star(star, tongue) for star in scheme.stars],
        "deducting": _deductions(scheme, tongue),
    }
    return [Section(key, tongue.say(key), tuple(lines)) for key, lines in said.items() if lines]


def of_rule(rule: Rule, scheme: Scheme, language: str) -> str:
    """One rule as a sentence."""
    return rule_sentence(rule, scheme, _tongue(language))


def of_shared_cap(shared: SharedCap, scheme: Scheme, language: str) -> str:
    """A cap on several rules as a sentence."""
    return shared_sentence(shared, scheme, _tongue(language))


def of_wallet(wallet: Wallet, language: str) -> list[str]:
    """How long points last and how many a card holds."""
    return _wallet(wallet, _tongue(language))


def of_spending(spending: Spending, language: str) -> list[str]:
    """When, where and how points are spent."""
    return _spending(spending, _tongue(language))


def _tongue(language: str) -> Tongue:
    return ZH if language.startswith("zh") else EN


def _wallet(wallet: Wallet, tongue: Tongue) -> list[str]:
    said = [tongue.say("points", policy=policy_words(wallet.expiry, tongue))]
    if wallet.grace_days:
        said.append(tongue.say("grace", days=_days(wallet.grace_days, tongue)))
    if wallet.limit is not None:
        said.append(
            tongue.say(f"limit_{wallet.when_full}", points=tongue.count("point", wallet.limit))
        )
    return [tongue.sentence([clause]) for clause in said]


def _days(days: int, tongue: Tongue) -> str:
    return str(days) if tongue is ZH else f"{days} day{'' if days == 1 else 's'}"


def _spending(spending: Spending, tongue: Tongue) -> list[str]:
    said = [*_opening(spending, tongue), *_how_much(spending, tongue)]
    if not said:
        said.append(tongue.say("any_time"))
    return [tongue.sentence([clause]) for clause in (*said, _giving_on(spending.giving_on, tongue))]


def _opening(spending: Spending, tongue: Tongue) -> list[str]:
    """From when on, on which days and where points can be spent."""
    said = []
    if spending.after_hours:
        said.append(tongue.say("after_hours", hours=tongue.count("hour", spending.after_hours)))
    if spending.weekdays:
        said.append(tongue.say("on_weekdays", names=weekday_names(spending.weekdays, tongue)))
    if spending.month_days:
        names = joined(map(str, sorted(spending.month_days)), tongue)
        said.append(tongue.say("on_month_days", names=names))
    if spending.categories:
        names = joined([tongue.say(c) for c in sorted(spending.categories)], tongue)
        said.append(tongue.say("categories", names=names))
    return said


def _how_much(spending: Spending, tongue: Tongue) -> list[str]:
    said = [_allowed("spend_times", allowed, "time", tongue) for allowed in spending.times]
    said += [_allowed("spend_points", allowed, "point", tongue) for allowed in spending.points]
    if spending.points_per_yuan is not None:
        points = tongue.count("point", spending.points_per_yuan)
        said.append(tongue.say("points_per_yuan", points=points))
    if spending.bill_percent < 100:
        said.append(tongue.say("bill_percent", percent=str(spending.bill_percent)))
    return said


def _allowed(phrase: str, allowed: Allowance, thing: str, tongue: Tongue) -> str:
    window = tongue.say(f"{allowed.window}_window")
    return tongue.say(phrase, window=window, most=tongue.count(thing, allowed.most))


def _giving_on(giving_on: GivingOn, tongue: Tongue) -> str:
    if not giving_on.allowed:
        return tongue.say("give_none")
    both = giving_on.to_neighbours and giving_on.to_causes
    one = "give_neighbours" if giving_on.to_neighbours else "give_causes"
    clauses = [tongue.say("give_both" if both else one)]
    if giving_on.points is not None:
        clauses.append(_allowed("give_most", giving_on.points, "point", tongue))
    return tongue.comma.join(clauses)


def _star(star: Star, tongue: Tongue) -> str:
    hours = tongue.count("hour", star.hours)
    said = tongue.sentence([tongue.say("star", hours=hours, name=word(star.name, tongue))])
    gap = "" if tongue is ZH else " "
    return gap.join(part for part in (said, word(star.benefits, tongue)) if part)


def _deductions(scheme: Scheme, tongue: Tongue) -> list[str]:
    said = [
        tongue.say("deduction", name=word(d.name, tongue), points=tongue.count("point", d.points))
        for d in scheme.deductions
    ]
    if said:
        said.append(tongue.say("below_zero" if scheme.below_zero else "not_below_zero"))
    return [tongue.sentence([clause]) for clause in said]
