"""The other parts of a draft: its words, calendar, limits, wallet, spending, stars, deductions."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.schemes.drafts import Draft
from rewards.schemes.inputs.caps import SharedCapInput, shared_cap, typed_shared_cap
from rewards.schemes.inputs.parts import PARTS
from rewards.schemes.inputs.words import free_key
from rewards.schemes.problems import BadScheme
from rewards.schemes.rules import SharedCap
from rewards.schemes.scheme import Scheme
from rewards.web.edge import message
from rewards.web.office.schemes.blueprint import (
    back,
    bp,
    for_the_programme,
    load_draft,
    name,
    said,
    save,
    taken_keys,
)


@bp.get("/drafts/<int:draft_id>/parts/<name>")
@for_the_programme
def edit_part(draft_id: int, name: str) -> ResponseReturnValue:
    draft, part = load_draft(draft_id), PARTS.get(name)
    if part is None:
        raise NotFound
    return _part_page(draft, name, Form.blank(part.schema, **part.typed(draft.scheme)))


@bp.post("/drafts/<int:draft_id>/parts/<name>")
@for_the_programme
def change_part(draft_id: int, name: str) -> ResponseReturnValue:
    draft, part = load_draft(draft_id), PARTS.get(name)
    if part is None:
        raise NotFound
    form = Form.read(part.schema, request.form)
    if _asks_for_more(form) or not _saved(
        draft, form, lambda scheme: part.changed(scheme, form.data)
    ):
        return _part_page(draft, name, form)
    flash(gettext("Saved: %(part)s.", part=part.title), "done")
    return back(draft, f"part-{name}")


def _part_page(draft: Draft, name: str, form: Form) -> ResponseReturnValue:
    page = render_template(
        "office/schemes/part.html",
        draft=draft,
        part_key=name,
        part=PARTS[name],
        form=form,
    )
    return page, 200 if form.valid else 422


@bp.get("/drafts/<int:draft_id>/limits/new")
@for_the_programme
def new_limit(draft_id: int) -> ResponseReturnValue:
    return _limit_page(load_draft(draft_id), Form.blank(SharedCapInput), None)


@bp.get("/drafts/<int:draft_id>/limits/<key>")
@for_the_programme
def edit_limit(draft_id: int, key: str) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    found = _find(draft.scheme, key)
    return _limit_page(draft, Form.blank(SharedCapInput, **typed_shared_cap(found)), found)


@bp.post("/drafts/<int:draft_id>/limits/new")
@for_the_programme
def add_limit(draft_id: int) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    return _limit_written(draft, None)


@bp.post("/drafts/<int:draft_id>/limits/<key>")
@for_the_programme
def change_limit(draft_id: int, key: str) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    return _limit_written(draft, _find(draft.scheme, key))


@bp.post("/drafts/<int:draft_id>/limits/<key>/delete")
@for_the_programme
def delete_limit(draft_id: int, key: str) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    _find(draft.scheme, key)
    kept = tuple(s for s in draft.scheme.shared_caps if s.key != key)
    save(draft, replace(draft.scheme, shared_caps=kept))
    flash(gettext("The limit is taken out."), "done")
    return back(draft, "limits")


def _limit_written(draft: Draft, existing: SharedCap | None) -> ResponseReturnValue:
    form = Form.read(SharedCapInput, request.form)

    def changed(scheme: Scheme) -> Scheme:
        wanted = form.data["name_en"] or "limit"
        key = existing.key if existing else free_key(wanted, taken_keys(scheme))
        made = shared_cap(key, form.data)
        kept = [made if s.key == key else s for s in scheme.shared_caps]
        return replace(scheme, shared_caps=tuple(kept if existing else [*kept, made]))

    if not _saved(draft, form, changed):
        return _limit_page(draft, form, existing)
    flash(gettext("The limit is saved."), "done")
    return back(draft, "limits")


def _limit_page(draft: Draft, form: Form, existing: SharedCap | None) -> ResponseReturnValue:
    page = render_template(
        "office/schemes/limit.html",
        draft=draft,
        form=form,
        limit=existing,
        rules=[(r.key, name(r.name)) for r in draft.scheme.rules],
    )
    return page, 200 if form.valid else 422


def _asks_for_more(form: Form) -> bool:
    """Whether the page is only to be drawn again, with more lines to fill in."""
    if "more" not in request.form:
        return False
    form.errors.clear()
    return True


def _saved(draft: Draft, form: Form, changed: Callable[[Scheme], Scheme]) -> bool:
    """Put what was typed into the draft; whatever refuses it is noted on the form."""
    if not form.valid:
        return False
    try:
        save(draft, changed(draft.scheme))
    except BadScheme as refused:
        for problem in refused.problems:
            form.refuse(said(problem))
    except Refused as refusal:
        form.refuse(message(refusal))
    return form.valid


def _find(scheme: Scheme, key: str) -> SharedCap:
    found = next((s for s in scheme.shared_caps if s.key == key), None)
    if found is None:
        raise NotFound
    return found
