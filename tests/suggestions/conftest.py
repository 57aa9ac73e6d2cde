"""A world with suggestions in it."""

from pathlib import Path

import pytest

from rewards import ledger, suggestions
from rewards.act import Act, Actor
from rewards.suggestions import Category, Picture, Shelf, Status, Suggestion
from tests import world
from tests.conftest import Acting

DESK = Actor("staff", 2, "组织者甲")


class Desk:
    """Short names for what residents and the desk do, each in a transaction of its own."""

    def __init__(self, acting: Acting, folder: Path) -> None:
        self.acting = acting
        self.folder = folder
        with acting() as act:
            self.world = world.build(act)
        self.keys = 0

    def shelf(self) -> Shelf:
        return Shelf(self.folder)

    def send(
        self,
        text: str = "东门的路灯不亮",
        *,
        key: str | None = None,
        resident: int = 0,
        category: Category = Category.SAFETY,
        pictures: list[Picture] | None = None,
    ) -> int:
        self.keys += 1
        author = self.world.resident_ids[resident]
        with self.shelf() as shelf, self.acting(Actor("resident", author)) as act:
            sent = suggestions.send(
                act,
                world.resident(act, author),
                shelf,
                key=key or f"form-{self.keys:04d}",
                category=category,
                text=text,
                place="东门",
                pictures=pictures or [],
            )
            return sent.id

    def do(self, step, suggestion_id: int, *args, **kwargs):
        with self.acting(DESK) as act:
            return step(act, self.load(act, suggestion_id), *args, **kwargs)

    def adopt(self, suggestion_id: int, title: str = "东门路灯修复") -> int:
        return self.do(suggestions.adopt, suggestion_id, public_title=title).result()["points"]

    def adopted(self, text: str = "东门的路灯不亮", **sent) -> int:
        suggestion_id = self.send(text, **sent)
        self.do(suggestions.accept, suggestion_id)
        self.adopt(suggestion_id)
        return suggestion_id

    def reverse(self, suggestion_id: int, key: str = "reversal-1", reason: str = "重复") -> int:
        answer = self.do(suggestions.reverse, suggestion_id, key=key, reason=reason)
        return answer.result()["taken"]

    def spend(self, amount: int, resident: int = 0) -> None:
        with self.acting() as act:
            shop = ledger.open_account(
                act.session, ledger.MERCHANT, "示例商户", self.world.programme_id
            ).id
            wallet = world.resident(act, self.world.resident_ids[resident]).wallet_id
            today = act.now.date()
            ledger.once(
                act,
                "test",
                "spend",
                {},
                lambda op: {
                    "id": ledger.redeem(op, wallet, shop, amount, today=today, reason="茶")
                },
            ).result()

    def load(self, act: Act, suggestion_id: int) -> Suggestion:
        return suggestions.load(act, suggestion_id, self.world.community_id)

    def status(self, suggestion_id: int) -> Status:
        with self.acting() as act:
            return Status(self.load(act, suggestion_id).status)

    def history(self, suggestion_id: int) -> list[tuple[str, str, str]]:
        with self.acting() as act:
            steps = self.load(act, suggestion_id).steps
            return [(s.what, "resident" if s.by_resident else s.actor_name, s.words) for s in steps]

    def points(self, resident: int = 0) -> int:
        with self.acting() as act:
            holder = world.resident(act, self.world.resident_ids[resident])
            assert list(ledger.verify(act.session)) == []
            return ledger.spendable(act.session, holder.wallet_id, act.now.date())


@pytest.fixture
def desk(acting: Acting, tmp_path: Path) -> Desk:
    return Desk(acting, tmp_path / "photos")
