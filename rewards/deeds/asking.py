"""What there is to say of an act, because the points rules ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from rewards.act import Act
from rewards.communities import Community
from rewards.deeds.model import Kind
from rewards.schemes import versions
from rewards.schemes.rules import Axis, Factor, Per, Rule, Table, Term
from rewards.schemes.scheme import Deduction, Scheme
from rewards.schemes.versions import Standing
from rewards.volunteering import vocabulary


@dataclass(frozen=True)
class Asked:
    """The facts that rules about such an act ask for, and what can be chosen for them."""

    terms: dict[str, list[Term]]
    minutes: bool
    items: bool
    deductions: list[Deduction]
    paid: bool


def of(act: Act, community: Community, kind: Kind) -> Asked:
    """What may be said of acts of the kind, by the schemes that are or were in force."""
    schemes = list(_schemes(act, community))
    if kind is Kind.DEDUCTION:
        named = {d.key: d for scheme in reversed(schemes) for d in scheme.deductions}
        return Asked({}, False, False, list(named.values()), bool(named))
    terms: dict[str, dict[str, Term]] = {}
    measures: set[Per] = set()
    paid = False
    for scheme in schemes:
        rules = [rule for rule in scheme.rules if rule.source is kind.source]
        paid = paid or bool(rules)
        measures |= {per for rule in rules if (per := measure(rule)) is not None}
        for field in {field for rule in rules for field in _fields(rule)}:
            for term in vocabulary.terms(scheme)[field]:
                terms.setdefault(field, {}).setdefault(term.key, term)
    chosen = {field: list(terms[field].values()) for field in FIELDS.values() if field in terms}
    return Asked(chosen, Per.HOUR in measures, Per.ITEM in measures, [], paid)


FIELDS = {Axis.CLASS: "service", Axis.GRADE: "grade", Axis.LEVEL: "level"}


def measure(rule: Rule) -> Per | None:
    """What a rule counts, None for one that changes what stands above it."""
    return None if isinstance(rule.amount, Factor) else rule.amount.per


def _fields(rule: Rule) -> Iterator[str]:
    """The classes, grades and levels that a rule looks at, as an act's fields."""
    when = rule.when
    if when.classes:
        yield FIELDS[Axis.CLASS]
    if when.grades:
        yield FIELDS[Axis.GRADE]
    if when.levels:
        yield FIELDS[Axis.LEVEL]
    if isinstance(rule.amount, Table):
        yield FIELDS[rule.amount.rows]
        if rule.amount.columns is not None:
            yield FIELDS[rule.amount.columns]


def _schemes(act: Act, community: Community) -> Iterator[Scheme]:
    """The scheme in force first, then those before it."""
    for chapter in versions.history(act, community.programme_id):
        if chapter.standing in (Standing.IN_FORCE, Standing.PAST):
            yield chapter.version.scheme
