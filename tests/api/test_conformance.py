"""Whatever is sent, the API answers as its description says, and never breaks."""

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rewards import staff
from rewards.staff import Role
from tests.api.caller import PIN, Caller, activate
from tests.conftest import Acting, IsolatedClient
from tests.merchants.shop import Counter

# Few examples, always the same ones: a test, not a hunt.
FEW = hypothesis.settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture
def tokens(app: Flask, acting: Acting) -> dict[str, str]:
    """A token of staff who may do all that programs can, and one of a resident."""
    shop = Counter(acting).shop
    with acting() as act:
        activate(act, shop.card_code)
        cashier = staff.load(act, shop.cashier_id)
        staff.grant(act, cashier, Role.ORGANISER, community_id=shop.world.community_id)
    client = IsolatedClient(app)
    one, other = Caller(client), Caller(client)
    one.sign_in("cashier")
    other.take({"code": shop.card_code, "pin": PIN})
    return {"staff": str(one.token), "resident": str(other.token)}


@pytest.mark.one_database
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_described(
    app: Flask, tokens: dict[str, str], mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    tried = [o for o in operations if o.label != "DELETE /api/v1/tokens/current"]
    for operation in tried:
        kind = "resident" if "/me/" in operation.path else "staff"
        send(operation.as_strategy(generation_mode=mode), tokens[kind])
    assert len(tried) == 17


def send(cases: SearchStrategy[Case], token: str) -> None:
    """Send some of *cases*, and hold each answer to the description."""

    @FEW
    @hypothesis.given(cases)
    def validate(case: Case) -> None:
        # A body of the right shape may still be refused, as when it names two amounts.
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    validate()
