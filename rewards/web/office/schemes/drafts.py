"""A draft: all of it in plain sentences, each rule and part with what is wrong with it."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.schemes import drafts, sentences
from rewards.schemes.differences import between, changed, of_parts
from rewards.schemes.rules import Rule, Source
from rewards.schemes.scheme import Scheme
from rewards.web.edge import act, commit, language
from rewards.web.office.schemes.blueprint import (
    bp,
    for_the_programme,
    in_force,
    load_draft,
    names_of,
    problems_of,
)
from rewards.web.office.schemes.index import as_file


@bp.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> ResponseReturnValue:
    found = load_draft(draft_id)
    scheme, current = found.scheme, in_force()
    differences = between(current.scheme if current else None, scheme, language())
    return render_template(
        "office/schemes/draft.html",
        draft=found,
        scheme=scheme,
        current=current,
        problems=problems_of(scheme),
        by_source=_by_source(scheme),
        rule_said={r.key: sentences.of_rule(r, scheme, language()) for r in scheme.rules},
        limit_said={
            s.key: sentences.of_shared_cap(s, scheme, language()) for s in scheme.shared_caps
        },
        part_said=of_parts(scheme, language()),
        change_of={(d.part, d.key): d.change for d in changed(differences)},
        names=names_of(found.drafted_by, found.submitted_by),
    )


def _by_source(scheme: Scheme) -> dict[Source, list[Rule]]:
    """All sources, those with rules first in the order of their rules."""
    order = list(dict.fromkeys([rule.source for rule in scheme.rules] + list(Source)))
    return {source: [r for r in scheme.rules if r.source is source] for source in order}


@bp.get("/drafts/<int:draft_id>/compare")
def compare(draft_id: int) -> ResponseReturnValue:
    """The draft beside what is in force, with what is different first or alone."""
    found, current = load_draft(draft_id), in_force()
    return render_template(
        "office/schemes/compare.html",
        draft=found,
        current=current,
        differences=between(current.scheme if current else None, found.scheme, language()),
        all="all" in request.args,
    )


@bp.get("/drafts/<int:draft_id>/rules.<any(yaml, json):form>")
def draft_file(draft_id: int, form: str) -> Response:
    return as_file(load_draft(draft_id), f"draft-{draft_id}", form)


@bp.post("/drafts/<int:draft_id>/discard")
@for_the_programme
def discard(draft_id: int) -> ResponseReturnValue:
    drafts.discard(act(), load_draft(draft_id))
    commit()
    flash(gettext("The draft is put away."), "done")
    return redirect(url_for("office_schemes.index"), 303)
