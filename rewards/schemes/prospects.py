"""What a scheme promises for a deed of some kind, whoever does it: said before it is done."""

from collections.abc import Iterator
from dataclasses import replace

from rewards.schemes import sentences
from rewards.schemes.facts import SOURCES, Deed
from rewards.schemes.matching import Asked
from rewards.schemes.reckoning import Ready
from rewards.schemes.rules import Role, Rule, Source, When
from rewards.schemes.scheme import Scheme
from rewards.schemes.tally import Tally


def said(scheme: Scheme, deed: Deed, language: str) -> list[str]:
    """The rules that may have a part in what the deed brings, as sentences."""
    rules = list(_about(scheme, deed))
    found = [sentences.of_rule(rule, scheme, language) for rule in rules]
    keys = {rule.key for rule in rules}
    for shared in scheme.shared_caps:
        if keys and (not shared.rules or keys & shared.rules):
            found.append(sentences.of_shared_cap(shared, scheme, language))
    return found


def said_of(scheme: Scheme, sources: tuple[Source, ...], language: str) -> list[str]:
    """All rules that pay for these sources, as sentences."""
    rules = [rule for rule in scheme.rules if rule.source in sources]
    return [sentences.of_rule(rule, scheme, language) for rule in rules]


def _about(scheme: Scheme, deed: Deed) -> Iterator[Rule]:
    """The rules about the deed, whatever they ask of the person and of what was before.

    Below a base rule that asks for nothing of the kind, no other one pays.
    """
    asked = Asked.of(deed, Tally((), frozenset()))
    settled: set[Source] = set()
    for rule in scheme.rules:
        if rule.source not in SOURCES[deed.kind] or _shadowed(rule, settled):
            continue
        when = _of_the_deed(rule.when)
        if Ready(replace(rule, when=when), scheme.calendar).matches(asked):
            yield rule
            if rule.role is Role.BASE and when == rule.when:
                settled.add(rule.source)


def _shadowed(rule: Rule, settled: set[Source]) -> bool:
    return rule.role is Role.BASE and rule.source in settled


def _of_the_deed(when: When) -> When:
    nobody: frozenset[str] = frozenset()
    return replace(when, tags=nobody, provenances=frozenset(), first_time=False, streak=None)
