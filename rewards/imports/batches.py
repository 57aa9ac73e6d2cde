"""What is done with an import: checked in, mended line by line, confirmed or discarded."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from rewards import audit, cards, residents
from rewards.act import Act
from rewards.communities import Community
from rewards.errors import N_, NotFound, Refused
from rewards.forms import phone_number
from rewards.imports import tags
from rewards.imports.columns import Line, read_sheet
from rewards.imports.fates import judge
from rewards.imports.files import read_rows
from rewards.imports.model import PROBLEMS, Batch, BatchStatus, Fate, ImportLine
from rewards.residents import Details
from rewards.schemes import versions
from rewards.schemes.rules import Term


class BatchClosed(Refused):
    """The import was confirmed or discarded; its lines are gone."""

    code = "import_closed"
    message = N_("This import is finished already, so it can't be changed any more.")


class ProblemsLeft(Refused):
    """Some lines can't be registered as they are, and nobody has decided to skip them."""

    code = "import_problems"
    message = N_(
        "Nobody was registered. Lines with problems: %(count)s. Fix or skip them, then confirm."
    )


def check_in(act: Act, community: Community, filename: str, content: bytes) -> Batch:
    """Read the file and stage its lines, each with its fate; nobody is registered yet.

    Raises:
        FileTooLarge, EmptyFile, NotATable, BrokenCsv, BrokenWorkbook, WrongColumns,
        TooManyLines: nothing was staged.
    """
    known = _known_tags(act, community)
    # Where the rules know no identities, a column of them says nothing.
    sheet = read_sheet(read_rows(content), without=() if known else ("tags",))
    batch = Batch(
        community_id=community.id,
        filename=filename[-200:],
        status=BatchStatus.OPEN.value,
        ignored_columns=sheet.ignored,
        uploaded_by=act.actor.reference,
        uploaded_by_name=act.actor.name,
        uploaded_at=act.now,
        lines=len(sheet.lines),
    )
    act.session.add(batch)
    act.session.flush()
    staged = [_staged(batch, line, known) for line in sheet.lines]
    judge(act, batch, staged)
    act.session.add_all(staged)
    act.session.flush()
    _note(act, batch, "import.upload", lines=batch.lines)
    return batch


def load(act: Act, batch_id: int, community_id: int) -> Batch:
    """The import of that id, if it is the community's."""
    batch = act.session.get(Batch, batch_id)
    if batch is None or batch.community_id != community_id:
        raise NotFound
    return batch


def load_line(act: Act, batch: Batch, line_id: int) -> ImportLine:
    """The line of that id, if it is the batch's and not yet deleted with it."""
    line = act.session.get(ImportLine, line_id)
    if line is None or line.batch_id != batch.id:
        raise NotFound
    return line


def fix(act: Act, batch: Batch, line: ImportLine, details: Details) -> Fate:
    """Put *details* in place of what the file says; answers the line's new fate.

    Raises:
        BatchClosed: nothing was changed.
    """
    _lock_open(act, batch)
    line.name, line.building, line.note = details.name, details.building, details.note
    line.household, line.tags, line.unknown_tags = details.household, list(details.tags), ""
    line.phone, line.typed_phone = details.phone, details.phone or ""
    line.fate = Fate.NEW.value
    _judge_all(act, batch)
    return Fate(line.fate)


def skip(act: Act, batch: Batch, line: ImportLine) -> None:
    """Leave the line out.

    Raises:
        BatchClosed: nothing was changed.
    """
    _lock_open(act, batch)
    line.fate = Fate.SKIPPED.value
    line.same_as = line.resident_id = None
    _judge_all(act, batch)


def restore(act: Act, batch: Batch, line: ImportLine) -> Fate:
    """Take a skipped line in again; answers its fate.

    Raises:
        BatchClosed: nothing was changed.
    """
    _lock_open(act, batch)
    line.fate = Fate.NEW.value
    _judge_all(act, batch)
    return Fate(line.fate)


def skip_problems(act: Act, batch: Batch) -> int:
    """Leave out every line that has a problem; answers how many.

    Raises:
        BatchClosed: nothing was changed.
    """
    _lock_open(act, batch)
    wrong = [line for line in _judge_all(act, batch) if line.fate in PROBLEMS]
    for line in wrong:
        line.fate = Fate.SKIPPED.value
        line.same_as = line.resident_id = None
    act.session.flush()
    return len(wrong)


def confirm(act: Act, batch: Batch, *, with_cards: bool) -> ProblemsLeft | None:
    """Register every line that isn't skipped, all or none; a second time changes nothing.

    Each line is judged once more: a number may have been registered since. What is found
    then is answered, not raised, because the lines' new fates have to be committed. Staged
    lines are deleted; the batch keeps the counts.

    Raises:
        BatchClosed: the import was discarded.
    """
    act.session.refresh(batch, with_for_update=True)
    if batch.status == BatchStatus.CONFIRMED:
        return None
    _lock_open(act, batch)
    lines = _judge_all(act, batch)
    if left := _problems(lines):
        return left
    good = [line for line in lines if line.fate == Fate.NEW]
    try:
        people = residents.register_many(act, batch.community, [_details(line) for line in good])
    except IntegrityError:
        # A number was registered in the instant between the judging and the writing.
        if left := _problems(_judge_all(act, batch)):
            return left
        raise
    batch.registered, batch.skipped = len(people), len(lines) - len(people)
    batch.cards = len(cards.issue_many(act, people)) if with_cards else 0
    _finish(act, batch, BatchStatus.CONFIRMED)
    _note(act, batch, "import.confirm", registered=batch.registered, cards=batch.cards)
    return None


def discard(act: Act, batch: Batch) -> None:
    """Throw the import away; a second time changes nothing.

    Raises:
        BatchClosed: it was confirmed.
    """
    act.session.refresh(batch, with_for_update=True)
    if batch.status == BatchStatus.DISCARDED:
        return
    _lock_open(act, batch)
    _finish(act, batch, BatchStatus.DISCARDED)
    _note(act, batch, "import.discard")


def _known_tags(act: Act, community: Community) -> Sequence[Term]:
    version = versions.find(act, community.programme_id, act.now)
    return version.scheme.tags if version else ()


def _details(line: ImportLine) -> Details:
    return Details(line.name, line.phone, line.building, line.note, line.household, line.tags)


def _staged(batch: Batch, line: Line, known: Sequence[Term]) -> ImportLine:
    read = tags.read(line.tags, known)
    return ImportLine(
        batch_id=batch.id,
        number=line.number,
        name=line.name,
        typed_phone=line.phone,
        phone=phone_number(line.phone) if line.phone else None,
        building=line.building,
        note=line.note,
        household=line.household,
        tags=read.keys,
        unknown_tags="、".join(read.unknown),
        fate=Fate.NEW.value,
    )


def _lock_open(act: Act, batch: Batch) -> None:
    act.session.refresh(batch, with_for_update=True)
    if not batch.is_open:
        raise BatchClosed


def _judge_all(act: Act, batch: Batch) -> Sequence[ImportLine]:
    lines = act.session.scalars(
        select(ImportLine).where(ImportLine.batch_id == batch.id).order_by(ImportLine.number)
    ).all()
    judge(act, batch, lines)
    act.session.flush()
    return lines


def _problems(lines: Sequence[ImportLine]) -> ProblemsLeft | None:
    count = sum(line.fate in PROBLEMS for line in lines)
    return ProblemsLeft(count=count) if count else None


def _finish(act: Act, batch: Batch, status: BatchStatus) -> None:
    """Close the batch and delete the personal data that was staged for it."""
    batch.status = status.value
    batch.finished_at = act.now
    batch.finished_by_name = act.actor.name
    act.session.flush()
    act.session.execute(
        delete(ImportLine).where(ImportLine.batch_id == batch.id),
        execution_options={"synchronize_session": False},
    )


def _note(act: Act, batch: Batch, action: str, **detail: int) -> None:
    audit.record(act, action, f"import:{batch.id}", community_id=batch.community_id, **detail)
