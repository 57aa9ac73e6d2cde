"""Reconciliation: everything that is kept is rebuilt from transfers alone and compared.

The database sums up and answers only what differs, while the seals' leaves are hashed here.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from rewards.ledger.archive.file import Contents
from rewards.ledger.checks import CHECKS
from rewards.ledger.checks.archives import vouched
from rewards.ledger.checks.leaves import hashing
from rewards.ledger.checks.seals import sealed_leaves, seals
from rewards.ledger.drift import Check, Drift, Progress, silent
from rewards.ledger.model import Transfer


def consistent(session: Session) -> None:
    """Begin to read one state of the whole ledger, whoever writes meanwhile.

    On SQLite a transaction that began to read sees one state anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        # Sums by wallet and by lot shall not go by the disk. With much more, the planner would
        # hash all transfers rather than read them by id, which takes four times as long.
        session.execute(text("SET LOCAL work_mem = '16MB'"))


def verify(
    session: Session,
    *,
    more: Sequence[Check] = (),
    outside: str | None = None,
    files: Sequence[Contents] = (),
    helpers: Executor | None = None,
    progress: Progress = silent,
) -> Iterator[Drift]:
    """Every drift in the ledger; a sound one yields nothing.

    *more* are the checks of those who build on the ledger, of their own rows against it.
    *outside* is a signed checkpoint that was kept where the ledger's owner can't change it;
    what has left for archives is then vouched for only by their *files*. *helpers* are those
    of :func:`helping`, where the whole machine may work on it.

    Raises:
        sealcheck.Malformed: *outside* is no checkpoint.
    """
    checks = [*CHECKS, *more]
    # Of the time, half goes into the sums and half into the leaves.
    leaves = sealed_leaves(session)
    step = 1 + (leaves or count(session)) // len(checks)
    whole = step * len(checks) + leaves
    summed = step * len(checks)
    with hashing(session, helpers) as hashed:
        for number, check in enumerate(checks):
            progress(step * number, whole)
            yield from check(session)
        yield from seals(session, outside, hashed, lambda done: progress(summed + done, whole))
    if outside is not None or files:
        yield from vouched(session, files)
    progress(whole, whole)


def count(session: Session) -> int:
    """How many transfers are in the ledger itself, archived ones left out."""
    return session.scalar(select(func.count()).select_from(Transfer)) or 0
