"""Tampering by somebody who owns the database, and may own the signing key as well.

They get past the triggers, change sealed history, and cover it up as well as they can: by making
every balance and lot agree, by computing every hash anew, by signing again. Each crime is found
with nothing but a checkpoint that was kept outside before it.
"""

from collections.abc import Sequence
from random import Random

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards import ledger
from tests.prove import ALL, Counts, Report, Share, Size
from tests.prove.databases import source
from tests.prove.tampering.covering import COVERS, Cover
from tests.prove.tampering.crimes import CRIMES, Crime
from tests.prove.tampering.victim import Victim, victim

VARIANTS = {Size.SMALL: 1, Size.FULL: 40}
# A variant that a constraint of the database forbids is drawn anew, so often at most.
DRAWS = 50


def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts:
    """Every crime under every cover, each in many variants drawn by the seed."""
    with source(engine) as made, made.fresh("victim") as database:
        variants = share.among(range(VARIANTS[size]))
        return investigate(victim(database, Random(seed)), seed, variants, report)


def investigate(
    wronged: Victim,
    seed: int,
    variants: Sequence[int],
    report: Report,
    covers: Sequence[Cover] = COVERS,
) -> Counts:
    """These *variants*, by their numbers, of each crime under each of the *covers*."""
    counts = Counts("tamperings", details={"found": 0})
    if (innocent := _found(wronged, None, None, Random(seed))) != set():
        counts.failures.append(f"without any crime this was found: {innocent}")
    for crime in CRIMES:
        for cover in covers:
            for number in variants:
                again = f"{crime.__name__} and {cover.__name__} with seed {seed}-{number}"
                found = _found(wronged, crime, cover, Random(again))
                counts.count += 1
                counts.details["found"] += bool(found)
                if not found:
                    counts.failures.append(f"{again} was not found")
        report(f"{crime.__name__}: {counts.count} tamperings, {counts.details['found']} found")
    return counts


def _found(wronged: Victim, crime: Crime | None, cover: Cover | None, rng: Random) -> set[str]:
    """What ``verify`` finds after the crime, which is undone again."""
    for _ in range(DRAWS):
        with Session(wronged.database.engine) as session:
            try:
                if crime is not None and cover is not None:
                    wronged.get_past_the_guards(session)
                    crime(wronged, session, rng)
                    cover(wronged, session, rng)
            except IntegrityError:
                session.rollback()
                continue
            session.expire_all()
            drifts = {d.what for d in ledger.verify(session, outside=wronged.outside)}
            session.rollback()
            return drifts
    raise AssertionError(f"no variant of {crime} is possible")
