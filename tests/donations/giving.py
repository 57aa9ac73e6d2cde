"""A resident who gives by card, and Stripe's double that tells us what became of it."""

from dataclasses import dataclass

from flask.testing import FlaskClient

from rewards import ledger
from rewards.act import Actor
from rewards.donations import card, causes, gifts, stripe_gateway
from rewards.donations.gifts import Donation
from tests import stripe_double, world
from tests.conftest import Acting
from tests.stripe_double import Json, StripeDouble
from tests.world import World

SECRET = "whsec_for_tests"


@dataclass(frozen=True)
class Stand:
    """A gift and its points, as the database has them."""

    status: str
    points: int
    spendable: int
    owed: int


class Giving:
    """The small world, one open cause in it, and short names for what is done."""

    def __init__(self, acting: Acting, client: FlaskClient, double: StripeDouble) -> None:
        self.acting, self.client, self.double = acting, client, double
        with acting() as act:
            self.world: World = world.build(act)
            cause = causes.add(
                act, self.world.community_id, title="示例助老食堂", description="为老人送餐。"
            )
            self.cause_id = cause.id
        self.resident_id = self.world.resident_ids[0]
        self.keys = 0

    def start(self, fen: int = 5000) -> int:
        """Begin a gift by card and open its payment page; answers the gift's id."""
        self.keys += 1
        with self.acting(Actor("resident", self.resident_id)) as act:
            giver = world.resident(act, self.resident_id)
            cause = causes.load(act, self.cause_id, self.world.community_id)
            answer = card.start(
                act, giver, cause, amount_fen=fen, language="zh", key=f"start-{self.keys:04d}"
            )
            donation = gifts.load_own(act, answer.result()["donation"], giver)
            asked = stripe_gateway.client("sk_test_for_tests", self.double)
            order = stripe_gateway.Order(
                donation.reference,
                fen,
                cause.title,
                "zh",
                "http://localhost/a",
                "http://localhost/",
            )
            card.opened(act, donation, stripe_gateway.open_checkout(asked, order))
            return donation.id

    def session(self, donation_id: int) -> Json:
        """The payment page's session at Stripe's."""
        with self.acting() as act:
            return self.double.session_for(act.session.get_one(Donation, donation_id).reference)

    def tell(self, event: Json) -> str:
        """Post a truly signed webhook; answers what came of it."""
        body, headers = stripe_double.signed(event, SECRET)
        response = self.client.post("/hooks/stripe", data=body, headers=headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        outcome: str = response.get_json()["outcome"]
        return outcome

    def stand(self, donation_id: int) -> Stand:
        """How the gift stands; and the ledger must be sound."""
        with self.acting() as act:
            donation = act.session.get_one(Donation, donation_id)
            wallet = donation.resident.wallet_id
            assert list(ledger.verify(act.session)) == []
            return Stand(
                donation.status,
                gifts.points_of(act, [donation]).get(donation_id, 0),
                ledger.spendable(act.session, wallet, act.now.date()),
                ledger.owed(act.session, wallet),
            )

    def spend(self, points: int) -> None:
        """Let the resident spend *points* at a shop."""
        self.keys += 1
        with self.acting() as act:
            giver = world.resident(act, self.resident_id)
            shop = ledger.open_account(
                act.session, ledger.MERCHANT, "示例店", giver.community.programme_id
            )
            today = act.now.date()

            def work(op: ledger.Operation) -> Json:
                return {
                    "id": ledger.redeem(
                        op, giver.wallet_id, shop.id, points, today=today, reason=""
                    )
                }

            ledger.once(act, "test", f"spend-{self.keys}", {}, work).result()
