"""From a draft to rules in force: submitted for a day, approved by a second person, withdrawn."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.clock import local_date
from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.schemes import drafts, sentences, versions
from rewards.schemes.differences import between, changed
from rewards.schemes.drafts import Draft
from rewards.schemes.inputs.deciding import ReasonInput, SubmitInput
from rewards.schemes.problems import BadScheme
from rewards.schemes.refusals import OverlappingVersions, PastDate, SamePerson
from rewards.schemes.scheme import Scheme
from rewards.schemes.versions import Chapter, Standing, Version
from rewards.volunteering import publishing
from rewards.web.edge import act, commit, language, message
from rewards.web.frame import day
from rewards.web.office.schemes.blueprint import (
    bp,
    for_the_programme,
    in_force,
    load_draft,
    load_version,
    names_of,
    problems_of,
    programme,
)


@bp.get("/drafts/<int:draft_id>/submit")
@for_the_programme
def submit_form(draft_id: int) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    return _submit_page(draft, Form.blank(SubmitInput, effective_on=draft.effective_on))


@bp.post("/drafts/<int:draft_id>/submit")
@for_the_programme
def submit(draft_id: int) -> ResponseReturnValue:
    draft, form = load_draft(draft_id), Form.read(SubmitInput, request.form)
    if not form.valid:
        return _submit_page(draft, form)
    try:
        publishing.submit(act(), draft, form.data["effective_on"])
        commit()
    except BadScheme:
        form.refuse(gettext("Put right what is wrong with the rules first."))
        return _submit_page(draft, form)
    except (PastDate, OverlappingVersions) as refusal:
        form.refuse(message(refusal), "effective_on")
        return _submit_page(draft, form)
    except Refused as refusal:
        form.refuse(message(refusal))
        return _submit_page(draft, form)
    return redirect(url_for("office_schemes.submitted", draft_id=draft_id), 303)


def _submit_page(draft: Draft, form: Form) -> ResponseReturnValue:
    current = in_force()
    page = render_template(
        "office/schemes/submit.html",
        draft=draft,
        form=form,
        current=current,
        today=local_date(act().now, programme().timezone),
        problems=problems_of(draft.scheme),
        differences=_different(current, draft.scheme),
    )
    return page, 200 if form.valid else 422


@bp.get("/drafts/<int:draft_id>/submitted")
def submitted(draft_id: int) -> ResponseReturnValue:
    draft = load_draft(draft_id)
    return render_template("office/schemes/submitted.html", draft=draft)


@bp.get("/drafts/<int:draft_id>/decide")
@for_the_programme
def decide(draft_id: int) -> ResponseReturnValue:
    """What a second person sees before they approve a draft or give it back."""
    return _decide_page(load_draft(draft_id), Form.blank(ReasonInput))


def _decide_page(draft: Draft, form: Form) -> ResponseReturnValue:
    current = in_force()
    page = render_template(
        "office/schemes/decide.html",
        draft=draft,
        form=form,
        current=current,
        differences=_different(current, draft.scheme),
        names=names_of(draft.drafted_by, draft.submitted_by),
        own=draft.submitted_by == act().actor.reference,
    )
    return page, 200 if form.valid else 422


@bp.post("/drafts/<int:draft_id>/approve")
@for_the_programme
def approve(draft_id: int) -> ResponseReturnValue:
    draft, form = load_draft(draft_id), Form.blank(ReasonInput)
    try:
        version = publishing.approve(act(), draft)
        commit()
    except SamePerson:
        raise
    except Refused as refusal:
        form.refuse(message(refusal))
        return _decide_page(draft, form)
    return redirect(url_for("office_schemes.approved", version_id=version.id), 303)


@bp.get("/versions/<int:version_id>/approved")
def approved(version_id: int) -> ResponseReturnValue:
    version = load_version(version_id)
    return render_template(
        "office/schemes/approved.html", version=version, begun=version.effective_from <= act().now
    )


@bp.post("/drafts/<int:draft_id>/give-back")
@for_the_programme
def give_back(draft_id: int) -> ResponseReturnValue:
    """Hand the draft back to be changed; whoever submitted it may take it back themselves."""
    draft, form = load_draft(draft_id), Form.read(ReasonInput, request.form)
    if not form.valid:
        return _decide_page(draft, form)
    drafts.give_back(act(), draft, form.data["reason"])
    commit()
    flash(gettext("The draft is given back, with your reason."), "done")
    return redirect(url_for("office_schemes.draft", draft_id=draft_id), 303)


@bp.get("/versions/<int:version_id>")
def version(version_id: int) -> ResponseReturnValue:
    return _version_page(_chapter(version_id), Form.blank(ReasonInput))


def _version_page(chapter: Chapter, form: Form) -> ResponseReturnValue:
    found, before = chapter.version, _before(chapter)
    page = render_template(
        "office/schemes/version.html",
        chapter=chapter,
        version=found,
        form=form,
        before=before,
        sections=sentences.of_scheme(found.scheme, language()),
        differences=_different(before, found.scheme) if before else [],
        names=names_of(found.drafted_by, found.submitted_by, found.approved_by),
    )
    return page, 200 if form.valid else 422


@bp.post("/versions/<int:version_id>/withdraw")
@for_the_programme
def withdraw(version_id: int) -> ResponseReturnValue:
    chapter, form = _chapter(version_id), Form.read(ReasonInput, request.form)
    if not form.valid:
        return _version_page(chapter, form)
    try:
        publishing.withdraw(act(), chapter.version, form.data["reason"])
        commit()
    except (publishing.MissedTerm, publishing.MissedPoints, publishing.MissedRules) as refusal:
        form.refuse(message(refusal))
        return _version_page(_chapter(version_id), form)
    flash(
        gettext(
            "Withdrawn. What was to begin on %(day)s won't; the reason is public.",
            day=day(chapter.version.effective_from),
        ),
        "done",
    )
    return redirect(url_for("office_schemes.version", version_id=version_id), 303)


def _chapter(version_id: int) -> Chapter:
    chapters = versions.history(act(), programme().id)
    found = next((c for c in chapters if c.version.id == version_id), None)
    if found is None:
        raise NotFound
    return found


def _before(chapter: Chapter) -> Version | None:
    """The version that stood before this one, left out those withdrawn."""
    chapters = versions.history(act(), programme().id)
    rows = [c.version for c in chapters if c.standing is not Standing.WITHDRAWN or c == chapter]
    place = next(i for i, v in enumerate(rows) if v.id == chapter.version.id)
    return rows[place + 1] if place + 1 < len(rows) else None


def _different(before: Version | None, scheme: Scheme) -> list[object]:
    return list(changed(between(before.scheme if before else None, scheme, language())))
