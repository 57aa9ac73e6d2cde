"""The rules of a draft, one form each."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.schemes import sentences
from rewards.schemes.drafts import Draft
from rewards.schemes.inputs import labels
from rewards.schemes.inputs.rule import RuleInput, rule, typed_rule
from rewards.schemes.inputs.words import free_key
from rewards.schemes.problems import BadScheme
from rewards.schemes.rules import Axis, Per, Rate, Role, Rule, Source, Term, When, Words
from rewards.schemes.scheme import Scheme
from rewards.web.edge import language, message
from rewards.web.office.schemes.blueprint import (
    back,
    bp,
    for_the_programme,
    load_draft,
    name,
    problems_of,
    said,
    save,
    taken_keys,
)


@bp.get("/drafts/<int:draft_id>/rules/new")
@for_the_programme
def new_rule(draft_id: int) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    wanted = request.args.get("source", "")
    if wanted not in set(Source):
        return render_template("office/schemes/source.html", draft=draft)
    source = Source(wanted)
    has_base = any(r.source is source and r.role is Role.BASE for r in draft.scheme.rules)
    start = Rule(
        "",
        Words("", ""),
        source,
        Rate(Decimal(0), labels.counts(source)[0]),
        Role.BONUS if has_base and request.args.get("role") == "bonus" else Role.BASE,
    )
    typed = {**typed_rule(start), "points": None, "name_zh": str(dict(labels.SOURCES)[source])}
    return _page(draft, Form.blank(RuleInput, **typed))


@bp.get("/drafts/<int:draft_id>/rules/<key>")
@for_the_programme
def edit_rule(draft_id: int, key: str) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    found = _find(draft.scheme, key)
    return _page(draft, Form.blank(RuleInput, **typed_rule(found)), found)


@bp.post("/drafts/<int:draft_id>/rules/new")
@for_the_programme
def add_rule(draft_id: int) -> ResponseReturnValue:
    return _written(load_draft(draft_id), None)


@bp.post("/drafts/<int:draft_id>/rules/<key>")
@for_the_programme
def change_rule(draft_id: int, key: str) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    return _written(draft, _find(draft.scheme, key))


@bp.post("/drafts/<int:draft_id>/rules/words")
@for_the_programme
def rule_words(draft_id: int) -> ResponseReturnValue:
    """What the form at hand would say, as a part of its page; nothing is written."""
    draft = load_draft(draft_id)
    form, key = Form.read(RuleInput, request.form), request.form.get("key", "")
    return render_template("office/schemes/words.html", words=_words(draft.scheme, form, key))


@bp.post("/drafts/<int:draft_id>/rules/<key>/move")
@for_the_programme
def move_rule(draft_id: int, key: str) -> ResponseReturnValue:
    """Let a rule change places with its neighbour of the same source."""
    draft = load_draft(draft_id)
    rules, found = list(draft.scheme.rules), _find(draft.scheme, key)
    of_source = [i for i, r in enumerate(rules) if r.source is found.source]
    place = of_source.index(rules.index(found))
    other = place - 1 if request.form.get("way") == "up" else place + 1
    if 0 <= other < len(of_source):
        here, there = of_source[place], of_source[other]
        rules[here], rules[there] = rules[there], rules[here]
        save(draft, replace(draft.scheme, rules=tuple(rules)))
    return back(draft, f"rule-{key}")


@bp.post("/drafts/<int:draft_id>/rules/<key>/delete")
@for_the_programme
def delete_rule(draft_id: int, key: str) -> ResponseReturnValue:
    """Take a rule out, and out of the limits that it shared."""
    draft = load_draft(draft_id)
    found, scheme = _find(draft.scheme, key), draft.scheme
    kept = [s for s in scheme.shared_caps if s.rules != {key}]
    shared = tuple(replace(s, rules=s.rules - {key}) for s in kept)
    rules = tuple(r for r in scheme.rules if r.key != key)
    save(draft, replace(scheme, rules=rules, shared_caps=shared))
    flash(gettext("The rule “%(name)s” is taken out.", name=name(found.name)), "done")
    return back(draft, f"source-{found.source.value}")


def _written(draft: Draft, existing: Rule | None) -> ResponseReturnValue:
    """Save what was typed; or draw the page again, with more lines, the table, or errors."""
    form = Form.read(RuleInput, request.form)
    if {"more", "draw"} & set(request.form):
        form.errors.clear()
        return _page(draft, form, existing)
    if "look" in request.form or not form.valid:
        return _page(draft, form, existing)
    made = rule(existing.key if existing else _new_key(draft.scheme, form), form.data)
    try:
        save(draft, _placed(draft.scheme, made))
    except BadScheme as refused:
        for problem in refused.problems:
            form.refuse(said(problem))
        return _page(draft, form, existing)
    except Refused as refusal:
        form.refuse(message(refusal))
        return _page(draft, form, existing)
    flash(gettext("The rule “%(name)s” is saved.", name=name(made.name)), "done")
    return back(draft, f"rule-{made.key}")


def _new_key(scheme: Scheme, form: Form) -> str:
    wanted = form.data["name_en"] or form.data["source"]
    return free_key(wanted, taken_keys(scheme))


def _placed(scheme: Scheme, made: Rule) -> Scheme:
    """The scheme with *made* in its place, or put where a new rule can be reached.

    Before the first rule of its source that asks for nothing, if it asks for something itself.
    """
    rules = list(scheme.rules)
    places = {r.key: index for index, r in enumerate(rules)}
    if made.key in places:
        rules[places[made.key]] = made
        return replace(scheme, rules=tuple(rules))
    of_source = [i for i, r in enumerate(rules) if r.source is made.source]
    catching_all = [i for i in of_source if rules[i].role is Role.BASE and rules[i].when == When()]
    if made.role is Role.BASE and made.when != When() and catching_all:
        rules.insert(catching_all[0], made)
    else:
        rules.insert(of_source[-1] + 1 if of_source else len(rules), made)
    return replace(scheme, rules=tuple(rules))


def _page(draft: Draft, form: Form, existing: Rule | None = None) -> ResponseReturnValue:
    scheme = draft.scheme
    source = Source(form.typed["source"]) if form.typed.get("source") in set(Source) else None
    page = render_template(
        "office/schemes/rule.html",
        draft=draft,
        rule=existing,
        form=form,
        source=source,
        amounts=_amounts(source),
        vocabulary=vocabulary(scheme),
        table=_table(scheme, form),
        words=_words(scheme, form, existing.key if existing else ""),
        role_hints=labels.ROLE_HINTS,
    )
    return page, 200 if form.valid else 422


def _amounts(source: Source | None) -> labels.Choices:
    """The ways of counting that the source knows."""
    known = [per.value for per in (labels.counts(source) if source else Per)]
    return [choice for choice in labels.AMOUNTS if choice[0] in (*known, labels.TABLE)]


def vocabulary(scheme: Scheme) -> dict[str, labels.Choices]:
    """The scheme's own words as choices."""
    kinds = ("classes", "grades", "levels", "tags")
    return {kind: [(t.key, name(t.name)) for t in getattr(scheme, kind)] for kind in kinds}


def _table(scheme: Scheme, form: Form) -> dict[str, Any]:
    """The rows and columns of the table that the form asks for, and what its cells hold."""
    terms = {
        Axis.CLASS: scheme.classes,
        Axis.GRADE: scheme.grades,
        Axis.LEVEL: scheme.levels,
    }
    rows, columns = (form.typed.get(name) for name in ("rows", "columns"))
    held = {
        (line["row"].value, line["column"].value): line["points"]
        for line in form.lines("cells", spare=0)
    }
    return {
        "rows": terms[Axis(rows)] if rows in set(Axis) else (),
        "columns": terms[Axis(columns)] if columns in set(Axis) else (Term("", Words("", "")),),
        "held": held,
    }


def _words(scheme: Scheme, form: Form, key: str) -> dict[str, Any] | None:
    """What the rule says as it is typed, and what would be wrong with it; None: not yet whole."""
    if form.errors or not form.data:
        form = Form.read(RuleInput, form.typed) if not form.errors else form
    if not form.valid:
        return None
    made = rule(key or _new_key(scheme, form), form.data)
    new = _placed(scheme, made)
    wrong = problems_of(new).get(f"rule-{made.key}", [])
    return {"said": sentences.of_rule(made, new, language()), "problems": wrong}


def _find(scheme: Scheme, key: str) -> Rule:
    found = next((r for r in scheme.rules if r.key == key), None)
    if found is None:
        raise NotFound
    return found
