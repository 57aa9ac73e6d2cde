"""The bank test: minutes of mixed load from several processes, audited all the while."""

import multiprocessing
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from sqlalchemy.orm import Session

from rewards import ledger
from tests.conftest import Database
from tests.ledger.accounts import Accounts
from tests.ledger.bank import audit, founded, tell
from tests.prove import ALL, Counts, Report, Share, Size
from tests.prove.databases import source

SECONDS = {Size.SMALL: 5.0, Size.FULL: 600.0}
PROCESSES, TELLERS = 2, 4

# An audit reads everything; the load is what is to be proven, and should not starve.
REST = 3


def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts:
    """So many seconds of load, in PROCESSES processes of TELLERS threads each."""
    counts, happened = Counts("movements"), Counter[str]()
    seconds = SECONDS[size] / share.of
    spawn = multiprocessing.get_context("spawn")
    with (
        source(engine) as made,
        made.fresh("bank") as database,
        ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool,
    ):
        bank = founded(database.engine)
        telling = [
            pool.submit(
                tell,
                database.url,
                bank,
                [f"{seed}-{share}-{process}-{teller}" for teller in range(TELLERS)],
                seconds,
            )
            for process in range(PROCESSES)
        ]
        audits = _audits(telling, database, bank, counts, report)
        for each in telling:
            try:
                happened += each.result()
            except Exception:
                counts.failures.append(traceback.format_exc())
        with Session(database.engine) as session:
            counts.failures += [f"drift: {drift}" for drift in ledger.verify(session)]
    counts.count = sum(happened.values())
    counts.details = {
        "audits": audits,
        "seconds": round(seconds),
        **dict(sorted(happened.items())),
    }
    return counts


def _audits(
    telling: Sequence[Future[Counter[str]]],
    database: Database,
    bank: Accounts,
    counts: Counts,
    report: Report,
) -> int:
    """Audit until the tellers are done; how often that was."""
    audits, told = 0, time.monotonic()
    while not all(each.done() for each in telling):
        began = time.monotonic()
        try:
            audit(database.engine, bank)
        except Exception:
            counts.failures.append(traceback.format_exc())
            return audits
        audits += 1
        if began - told > 30:
            told = began
            report(f"{audits} audits, all is there")
        time.sleep(max(0.1, REST * (time.monotonic() - began)))
    return audits
