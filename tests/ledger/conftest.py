import pytest

from tests.conftest import Acting
from tests.ledger.book import Book


@pytest.fixture
def book(acting: Acting) -> Book:
    return Book(acting)
