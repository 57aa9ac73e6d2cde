"""The programme's points rules in the office: what all of these pages share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import staff
from rewards.communities import Programme
from rewards.errors import NotAllowed
from rewards.schemes import checking, drafts, versions
from rewards.schemes.document import serialize
from rewards.schemes.drafts import Draft
from rewards.schemes.inputs.labels import SOURCES
from rewards.schemes.inputs.parts import PARTS
from rewards.schemes.problems import Problem
from rewards.schemes.rules import Words
from rewards.schemes.scheme import Scheme
from rewards.schemes.versions import Version
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, commit, language

bp = access.office_only(Blueprint("office_schemes", __name__, url_prefix="/office/schemes"))


@bp.context_processor
def _words() -> dict[str, Any]:
    found = g.get("office")  # there is none on the page that turns somebody away
    return {
        "sources": dict(SOURCES),
        "parts": PARTS,
        "may_write": found is not None and found.whole_programme,
        "said": said,
        "name": name,
    }


def for_the_programme(view: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
    """Narrow *view* to administrators of the whole programme: rules are the same everywhere."""

    @wraps(view)
    def narrowed(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not office().whole_programme:
            raise NotAllowed
        return view(*args, **kwargs)

    return narrowed


def programme() -> Programme:
    return office().community.programme


def load_draft(draft_id: int) -> Draft:
    return drafts.load(act(), draft_id, programme().id)


def save(draft: Draft, scheme: Scheme) -> None:
    """Put *scheme* into the draft, which must still be as it was when the page was drawn."""
    revision = request.form.get("revision", type=int) or 0
    drafts.change(act(), draft, serialize(scheme), revision=revision)
    commit()


def load_version(version_id: int) -> Version:
    return versions.load(act(), version_id, programme().id)


def in_force() -> Version | None:
    return versions.find(act(), programme().id, act().now)


def names_of(*references: str | None) -> dict[str, str]:
    """The names of those who are meant by ``staff:7``, and what the system is called."""
    known = staff.names(act(), [r for r in references if r])
    return {"system": gettext("The system"), **known}


def said(problem: Problem) -> str:
    """A problem in the reader's language."""
    return problem.worded(gettext, language())


def taken_keys(scheme: Scheme) -> list[str]:
    """Keys that no new rule or limit may have: those in use, and words of the addresses."""
    rules, limits = (rule.key for rule in scheme.rules), (cap.key for cap in scheme.shared_caps)
    return ["new", "words", *rules, *limits]


def problems_of(scheme: Scheme) -> dict[str, list[Problem]]:
    """What keeps *scheme* from taking effect, by the id of the place on the draft's page."""
    found: dict[str, list[Problem]] = {}
    for problem in checking.problems(scheme):
        found.setdefault(place_of(problem, scheme), []).append(problem)
    return found


def place_of(problem: Problem, scheme: Scheme) -> str:
    """Where on a draft's page a problem belongs: its rule, its shared limit, else its part."""
    match problem.path:
        case ("rules", int(index), *_) if index < len(scheme.rules):
            return f"rule-{scheme.rules[index].key}"
        case ("shared_caps", int(index), *_) if index < len(scheme.shared_caps):
            return f"limit-{scheme.shared_caps[index].key}"
        case ("below_zero", *_):
            return "part-deductions"
        case (str(part), *_):
            return f"part-{part}"
    return "part-rules"


def name(words: Words) -> str:
    """A name in the reader's language."""
    return words.en if language() == "en" else words.zh


def back(draft: Draft, place: str) -> ResponseReturnValue:
    """To the draft's page, where *place* is."""
    address = url_for("office_schemes.draft", draft_id=draft.id, _anchor=place)
    return redirect(address, 303)
