"""The card alone opens nothing: a PIN does, and guessing gets slower and slower."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from rewards import cards
from rewards.act import SYSTEM, Act
from rewards.cards import Card
from rewards.credentials import WrongSecret
from rewards.errors import Refused
from tests import world
from tests.conftest import START, Acting, Database, FakeClock

KEY = b"a key for tests only"
PIN = "602914"


@pytest.fixture
def number(acting: Acting) -> int:
    """A card that isn't activated yet; its holder's phone ends in 000001."""
    with acting() as act:
        return cards.issue(
            act, world.resident(act, world.build(act, residents_wanted=1).resident_ids[0])
        ).id


def card(act: Act, number: int) -> Card:
    return act.session.get_one(Card, number)


def slip(acting: Acting, number: int) -> str:
    with acting() as act:
        return cards.activation_code(card(act, number), KEY)


def activate(acting: Acting, number: int, code: str, pin: str = PIN) -> Refused | None:
    with acting() as act:
        return cards.activate(act, card(act, number), code, pin, KEY)


def enter(acting: Acting, number: int, pin: str) -> Refused | None:
    with acting() as act:
        return cards.enter(act, card(act, number), pin)


@pytest.fixture
def activated(acting: Acting, number: int) -> int:
    assert activate(acting, number, slip(acting, number)) is None
    return number


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def test_the_slip_sets_the_pin_once(acting: Acting, number: int) -> None:
    code = slip(acting, number)
    assert len(code) == 8 and code.isdigit()
    with pytest.raises(cards.NotActivated):
        enter(acting, number, PIN)
    assert isinstance(activate(acting, number, wrong(code)), WrongSecret)
    assert activate(acting, number, code) is None
    assert enter(acting, number, PIN) is None
    with pytest.raises(cards.AlreadyActivated):
        activate(acting, number, code, "815390")
    assert enter(acting, number, PIN) is None


def test_codes_differ_by_card_round_and_key(acting: Acting, number: int) -> None:
    with acting() as act:
        mine = card(act, number)
        codes = {cards.activation_code(mine, KEY), cards.activation_code(mine, b"another")}
        mine.activation_round += 1
        codes.add(cards.activation_code(mine, KEY))
        newer = cards.replace(act, mine, reason="补办")
        codes.add(cards.activation_code(newer, KEY))
    assert len(codes) == 4


@pytest.mark.parametrize(
    "pin",
    ["000000", "777777", "123456", "654321", "345678", "890123", "121212", "907907", "000001"],
)
def test_a_pin_that_a_finder_would_try_is_refused(acting: Acting, number: int, pin: str) -> None:
    code = slip(acting, number)
    with pytest.raises(cards.WeakPin):
        activate(acting, number, code, pin)
    assert activate(acting, number, code) is None
    with acting() as act, pytest.raises(cards.WeakPin):
        cards.change_pin(act, card(act, number).resident, PIN, pin)


@pytest.mark.parametrize("door", ["pin", "activation code"])
def test_five_wrong_tries_wait_and_each_further_one_waits_longer(
    acting: Acting, clock: FakeClock, number: int, door: str
) -> None:
    code = slip(acting, number)
    if door == "pin":
        activate(acting, number, code)

    def guess(right: bool) -> Refused | None:
        if door == "pin":
            return enter(acting, number, PIN if right else "815390")
        return activate(acting, number, code if right else wrong(code))

    left = [guess(right=False) for _ in range(4)]
    assert [r.facts["left"] for r in left if r] == [4, 3, 2, 1]
    waits = []
    for _ in range(4):
        refusal = guess(right=False)
        assert refusal is not None and refusal.code == "must_wait"
        waits.append(refusal.facts["minutes"])
        held = guess(right=True)
        assert held is not None and held.code == "must_wait"
        clock.forward(minutes=refusal.facts["minutes"])
    assert waits == [1, 2, 4, 8]
    assert guess(right=True) is None
    if door == "pin":
        again = guess(right=False)
        assert again is not None and again.facts == {"left": 4}


def test_parallel_guesses_are_counted_one_by_one(
    database: Database, acting: Acting, activated: int
) -> None:
    def guess(i: int) -> str:
        with Session(database.engine) as session:
            act = Act(session, SYSTEM, START)
            refusal = cards.enter(act, card(act, activated), f"81539{i}")
            session.commit()
            return refusal.code if refusal else "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(8)))
    assert outcomes.count("wrong_secret") == 4
    assert outcomes.count("must_wait") == 4


def test_a_card_that_is_no_longer_good_opens_nothing(acting: Acting, activated: int) -> None:
    with acting() as act:
        old = card(act, activated)
        newer = cards.replace(act, old, reason="补办")
        with pytest.raises(cards.ReplacedCard):
            cards.enter(act, old, PIN)
        assert cards.enter(act, newer, PIN) is None  # the PIN is the resident's, not the card's
        cards.block(act, newer, reason="遗失")
        with pytest.raises(cards.BlockedCard):
            cards.enter(act, newer, PIN)
        with pytest.raises(cards.BlockedCard):
            cards.activate(act, newer, "00000000", PIN, KEY)


def test_after_a_reset_only_a_new_slip_works(acting: Acting, activated: int) -> None:
    used = slip(acting, activated)
    with acting() as act:
        resident = card(act, activated).resident
        epoch = resident.epoch
        cards.reset_pin(act, resident, reason="忘记密码,已核对身份")
        assert resident.epoch == epoch + 1
    with pytest.raises(cards.NotActivated):
        enter(acting, activated, PIN)
    refusal = activate(acting, activated, used, "815390")
    assert refusal is not None and refusal.code == "wrong_secret"
    assert activate(acting, activated, slip(acting, activated), "815390") is None
    assert enter(acting, activated, "815390") is None


def test_a_reset_ends_the_wait(acting: Acting, activated: int) -> None:
    for _ in range(5):
        enter(acting, activated, "815390")
    with acting() as act:
        cards.reset_pin(act, card(act, activated).resident, reason="本人到场")
    assert activate(acting, activated, slip(acting, activated)) is None


def test_changing_the_pin_needs_the_present_one_and_signs_out_elsewhere(
    acting: Acting, activated: int
) -> None:
    with acting() as act:
        resident = card(act, activated).resident
        epoch = resident.epoch
        refusal = cards.change_pin(act, resident, "815390", "264807")
        assert refusal is not None and refusal.code == "wrong_secret"
        assert cards.change_pin(act, resident, PIN, "264807") is None
        assert resident.epoch == epoch + 1
    assert enter(acting, activated, "264807") is None
    assert enter(acting, activated, PIN) is not None
