"""Importing residents: a file is sent, each line is checked, all are registered at once."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards import imports
from rewards.errors import Refused
from rewards.forms import Form
from rewards.imports import PROBLEMS, Batch, Fate, ImportLine
from rewards.residents import Details
from rewards.residents_inputs import ResidentEntry, ResidentFile
from rewards.spreadsheet import csv_file
from rewards.web import access, rules
from rewards.web.access import office
from rewards.web.edge import act, commit, language, local_path, message, row_id
from rewards.web.office.residents import read_entry

bp = access.office_only(Blueprint("office_imports", __name__, url_prefix="/office/imports"))

# What a filter of the check page lets through.
SHOWN = {"all": frozenset(Fate), "problems": PROBLEMS} | {
    fate.value: frozenset({fate}) for fate in Fate
}

SAMPLE = {
    "zh": (
        ("姓名", "手机", "楼栋", "备注", "户号"),
        ("示例居民甲", "138 0000 0001", "3号楼2单元", "示例,请删除", "3-2-501"),
    ),
    "en": (
        ("name", "phone", "building", "note", "household"),
        ("Sample Resident", "138 0000 0001", "Building 3", "A sample; delete this line", "3-2-501"),
    ),
}
IDENTITY = {"zh": "身份", "en": "identity"}


@bp.get("")
def index() -> ResponseReturnValue:
    return _index(Form.blank(ResidentFile))


@bp.get("/sample.csv")
def sample() -> ResponseReturnValue:
    """With an identity too, where the rules know some."""
    header, row = (list(cells) for cells in SAMPLE[language()])
    if known := rules.tags(act(), office().community):
        header.append(IDENTITY[language()])
        row.append(known[0][1])
    headers = {"Content-Disposition": 'attachment; filename="residents-sample.csv"'}
    content = csv_file(header, [row])
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


@bp.post("")
def upload() -> ResponseReturnValue:
    form, file = Form.blank(ResidentFile), request.files.get("file")
    if file is None or not file.filename:
        form.refuse(gettext("Choose the file first."), "file")
        return _index(form), 422
    content = file.read(imports.LARGEST_FILE + 1)
    try:
        batch = imports.check_in(act(), office().community, file.filename, content)
    except Refused as refusal:
        form.refuse(message(refusal), "file")
        return _index(form), 422
    commit()
    return redirect(url_for("office_imports.show", batch_id=batch.id), 303)


@bp.get("/<int:batch_id>")
def show(batch_id: int) -> ResponseReturnValue:
    batch = _load(batch_id)
    if not batch.is_open:
        return render_template("office/imports/finished.html", batch=batch)
    counts = imports.counts(act(), batch)
    problems = imports.problems(counts)
    shown = request.args.get("show", "")
    if shown not in SHOWN:
        shown = "problems" if problems else "all"
    found = imports.lines(act(), batch, SHOWN[shown], max(1, request.args.get("page", 1, type=int)))
    return render_template(
        "office/imports/check.html",
        batch=batch,
        counts=counts,
        problems=problems,
        shown=shown,
        found=found,
        identity=rules.tag_names(act(), batch.community),
    )


@bp.get("/<int:batch_id>/lines/<int:line_id>")
def line(batch_id: int, line_id: int) -> ResponseReturnValue:
    batch = _load(batch_id)
    found = imports.load_line(act(), batch, line_id)
    form = Form.blank(
        ResidentEntry,
        name=found.name,
        phone=found.typed_phone,
        building=found.building,
        note=found.note,
        household=found.household,
        tags=found.tags,
    )
    return _line_page(batch, found, form)


@bp.post("/<int:batch_id>/lines/<int:line_id>")
def fix(batch_id: int, line_id: int) -> ResponseReturnValue:
    batch = _load(batch_id)
    found, form = imports.load_line(act(), batch, line_id), read_entry(ResidentEntry)
    if form.valid:
        fate = imports.fix(act(), batch, found, Details(**form.data))
        if fate is Fate.NEW:
            commit()
            flash(gettext("Line %(number)s will be registered.", number=found.number), "done")
            return redirect(url_for("office_imports.show", batch_id=batch_id), 303)
        form.refuse(_meeting(found, fate), "phone")
    return _line_page(batch, found, form), 422


@bp.post("/<int:batch_id>/lines/<int:line_id>/skip")
def skip(batch_id: int, line_id: int) -> ResponseReturnValue:
    batch = _load(batch_id)
    imports.skip(act(), batch, imports.load_line(act(), batch, line_id))
    commit()
    return _back_to_list(batch)


@bp.post("/<int:batch_id>/lines/<int:line_id>/restore")
def restore(batch_id: int, line_id: int) -> ResponseReturnValue:
    batch = _load(batch_id)
    imports.restore(act(), batch, imports.load_line(act(), batch, line_id))
    commit()
    return _back_to_list(batch)


@bp.post("/<int:batch_id>/skip-problems")
def skip_problems(batch_id: int) -> ResponseReturnValue:
    skipped = imports.skip_problems(act(), _load(batch_id))
    commit()
    flash(ngettext("%(num)s line is skipped.", "%(num)s lines are skipped.", skipped), "done")
    return redirect(url_for("office_imports.show", batch_id=batch_id), 303)


@bp.post("/<int:batch_id>/confirm")
def confirm(batch_id: int) -> ResponseReturnValue:
    refusal = imports.confirm(act(), _load(batch_id), with_cards="cards" in request.form)
    commit()
    if refusal is not None:
        flash(message(refusal), "problem")
    return redirect(url_for("office_imports.show", batch_id=batch_id), 303)


@bp.post("/<int:batch_id>/discard")
def discard(batch_id: int) -> ResponseReturnValue:
    imports.discard(act(), _load(batch_id))
    commit()
    flash(gettext("The import is discarded. Nobody was registered."), "done")
    return redirect(url_for("office_imports.index"), 303)


def _load(batch_id: int) -> Batch:
    return imports.load(act(), batch_id, office().community_id)


def _index(form: Form) -> str:
    past = imports.history(act(), office().community_id, request.args.get("before", type=row_id))
    return render_template(
        "office/imports/index.html",
        form=form,
        past=past,
        tags=[name for _, name in rules.tags(act(), office().community)],
        most_lines=imports.MOST_LINES,
        megabytes=imports.LARGEST_FILE // 1024 // 1024,
    )


def _line_page(batch: Batch, found: ImportLine, form: Form) -> str:
    known = rules.tags(act(), office().community)
    return render_template(
        "office/imports/line.html", batch=batch, line=found, form=form, tags=known
    )


def _back_to_list(batch: Batch) -> ResponseReturnValue:
    otherwise = url_for("office_imports.show", batch_id=batch.id)
    return redirect(local_path(request.form.get("next"), otherwise), 303)


def _meeting(found: ImportLine, fate: Fate) -> str:
    """Whom the line still meets, in words."""
    if fate is Fate.REGISTERED and found.resident is not None:
        sentence: str = gettext(
            "This is %(name)s, who is registered already. Correct it, or skip the line.",
            name=found.resident.masked_name,
        )
        return sentence
    return str(
        gettext(
            "This is the same resident as on line %(number)s. Correct it, or skip the line.",
            number=found.same_as,
        )
    )
