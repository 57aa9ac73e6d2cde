import os
import random

import pytest

from tests.conftest import Acting
from tests.ledger.book import Book


@pytest.fixture
def book(acting: Acting) -> Book:
    return Book(acting)


@pytest.fixture
def any_seed() -> int:
    """A seed that is shown when the test fails; SEED=… in the environment repeats it."""
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"Repeat this with SEED={seed}")
    return seed
