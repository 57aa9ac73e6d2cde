"""What is in force, what is to come, what was; and from what new rules can begin."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.clock import local_date
from rewards.errors import NotFound
from rewards.forms import Form, Input
from rewards.schemes import drafts, files, presets, sentences, versions
from rewards.schemes.drafts import Draft
from rewards.schemes.files import Loaded
from rewards.schemes.problems import BadScheme
from rewards.schemes.versions import Version
from rewards.web.edge import act, commit, language
from rewards.web.office.schemes.blueprint import (
    bp,
    for_the_programme,
    in_force,
    load_version,
    names_of,
    programme,
)


@bp.get("")
def index() -> ResponseReturnValue:
    current = in_force()
    standing = drafts.standing(act(), programme().id)
    return render_template(
        "office/schemes/index.html",
        current=current,
        sections=sentences.of_scheme(current.scheme, language()) if current else [],
        drafts=standing,
        chapters=versions.history(act(), programme().id),
        names=names_of(*(d.submitted_by or d.drafted_by for d in standing)),
    )


@bp.get("/new")
@for_the_programme
def new() -> ResponseReturnValue:
    return _new_page(Form.blank(Input))


def _new_page(form: Form, refused: BadScheme | None = None) -> ResponseReturnValue:
    status = 422 if refused or not form.valid else 200
    schemes = {key: presets.preset(key).scheme for key in presets.KEYS}
    return render_template(
        "office/schemes/new.html",
        form=form,
        refused=refused,
        current=in_force(),
        presets=schemes,
        summaries={
            key: [said for s in sentences.of_scheme(scheme, language()) for said in s.sentences]
            for key, scheme in schemes.items()
        },
    ), status


@bp.get("/presets/<key>")
@for_the_programme
def preset(key: str) -> ResponseReturnValue:
    scheme = _preset(key).scheme
    return render_template(
        "office/schemes/preset.html",
        key=key,
        scheme=scheme,
        sections=sentences.of_scheme(scheme, language()),
    )


@bp.post("/presets/<key>")
@for_the_programme
def start_from_preset(key: str) -> ResponseReturnValue:
    loaded = _preset(key)
    return _started(drafts.start(act(), programme(), loaded.document, loaded.scheme.name.zh))


@bp.post("/versions/<int:version_id>/draft")
@for_the_programme
def start_from_version(version_id: int) -> ResponseReturnValue:
    version = load_version(version_id)
    name = version.scheme.name.zh
    return _started(drafts.start(act(), programme(), version.document, name, based_on=version))


@bp.post("/file")
@for_the_programme
def start_from_file() -> ResponseReturnValue:
    """Take a file as a draft; one that isn't whole is refused with all that is wrong, by line."""
    sent = request.files.get("file")
    form = Form.blank(Input)
    if sent is None or not sent.filename:
        form.refuse(gettext("Choose a file first."), "file")
        return _new_page(form)
    try:
        today = local_date(act().now, programme().timezone)
        taken = drafts.taken(act(), programme())
        loaded = files.load(sent.read(files.MOST_BYTES + 1), today, taken)
    except BadScheme as refused:
        return _new_page(form, refused)
    name, day = loaded.scheme.name.zh, loaded.effective_on
    return _started(drafts.start(act(), programme(), loaded.document, name, effective_on=day))


def _started(draft: Draft) -> ResponseReturnValue:
    commit()
    flash(gettext("A draft is made. Nothing changes until it is approved."), "done")
    return redirect(url_for("office_schemes.draft", draft_id=draft.id), 303)


def _preset(key: str) -> Loaded:
    if key not in presets.KEYS:
        raise NotFound
    return presets.preset(key)


@bp.get("/versions/<int:version_id>/rules.<any(yaml, json):form>")
def version_file(version_id: int, form: str) -> Response:
    version = load_version(version_id)
    return as_file(version, f"rules-{version.number}", form)


def as_file(kept: Version | Draft, name: str, form: str) -> Response:
    """The document of a draft or a version as a file that can be taken up again."""
    day = kept.effective_on if isinstance(kept, Draft) else None
    text = files.dump(kept.document, files.Form(form), day)
    kind = "application/json" if form == "json" else "application/yaml"
    return Response(
        text,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
