import pytest

from tests.awards.office import Office
from tests.conftest import Acting


@pytest.fixture
def office(acting: Acting) -> Office:
    office = Office(acting)
    office.limit(100)
    return office
