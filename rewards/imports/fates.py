"""Each line's fate: what its own words allow, and whom it meets in the file and the register."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from rewards.act import Act
from rewards.imports.model import Batch, Fate, ImportLine
from rewards.residents import (
    LONGEST_BUILDING,
    LONGEST_HOUSEHOLD,
    LONGEST_NAME,
    LONGEST_NOTE,
    Resident,
)

# Who somebody is: their number, or without one their name and building.
Identity = str | tuple[str, str]


def judge(act: Act, batch: Batch, lines: Sequence[ImportLine]) -> None:
    """Give each of the batch's lines, in the file's order, its fate anew.

    All are judged together, because one line's fate hangs on the others': mending or
    skipping the first of two frees the second. Skipped lines stay skipped.
    """
    holders = _holders(act, batch.community_id, lines)
    seen: dict[Identity, int] = {}
    for line in lines:
        if line.fate != Fate.SKIPPED:
            fate, line.same_as, line.resident_id = _fate(line, holders, seen)
            line.fate = fate.value


def _fate(
    line: ImportLine, holders: dict[Identity, int], seen: dict[Identity, int]
) -> tuple[Fate, int | None, int | None]:
    """The fate, the earlier line that it repeats, and the resident that it is."""
    own = _own_problem(line)
    if own is not None:
        return own, None, None
    by_name = (line.name, line.building)
    identity: Identity = line.phone or by_name
    if identity in holders:
        return Fate.REGISTERED, None, holders[identity]
    if identity in seen:
        return Fate.TWICE, seen[identity], None
    seen[identity] = line.number
    seen.setdefault(by_name, line.number)
    return Fate.NEW, None, None


def _own_problem(line: ImportLine) -> Fate | None:
    """What is wrong with the line by itself."""
    if not line.name:
        return Fate.NO_NAME
    if line.typed_phone and line.phone is None:
        return Fate.BAD_PHONE
    if (
        len(line.name) > LONGEST_NAME
        or len(line.building) > LONGEST_BUILDING
        or len(line.note) > LONGEST_NOTE
        or len(line.household) > LONGEST_HOUSEHOLD
    ):
        return Fate.TOO_LONG
    if line.unknown_tags:
        return Fate.UNKNOWN_TAG
    return None


def _holders(act: Act, community_id: int, lines: Sequence[ImportLine]) -> dict[Identity, int]:
    """The residents registered already whom a line may be, by who they are."""
    phones = {line.phone for line in lines if line.phone}
    names = {line.name for line in lines if not line.phone}
    found = act.session.execute(
        select(Resident.id, Resident.phone, Resident.name, Resident.building).where(
            Resident.community_id == community_id,
            or_(Resident.phone.in_(phones), Resident.name.in_(names)),
        )
    )
    holders: dict[Identity, int] = {}
    for row in found:
        holders[row.name, row.building] = row.id
        if row.phone:
            holders[row.phone] = row.id
    return holders
