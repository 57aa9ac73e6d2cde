"""The total stays what it was while much happens at once, whoever looks and whenever."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from rewards import ledger
from tests.conftest import Database
from tests.ledger import bank

TELLERS, SECONDS = 4, 1.5


def test_the_total_stays_while_tellers_work(database: Database, any_seed: int) -> None:
    founded = bank.founded(database.engine)
    seeds = [f"{any_seed}-{n}" for n in range(TELLERS)]
    audits = 0
    with ThreadPoolExecutor(1) as pool:
        telling = pool.submit(bank.tell, database.url, founded, seeds, SECONDS)
        while not telling.done():
            bank.audit(database.engine, founded)
            audits += 1
    assert telling.result()["redeem"] > 0
    assert audits > 1
    with Session(database.engine) as session:
        assert list(ledger.verify(session)) == []
