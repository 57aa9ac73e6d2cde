"""A suggestion's whole life, and each step that it can't take."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from rewards import suggestions
from rewards.act import Actor
from rewards.audit import AuditEntry
from rewards.errors import NotFound
from rewards.suggestions import Category, Channel, Status, Suggestion, refusals
from tests import world
from tests.suggestions.conftest import DESK, Desk

STEPS = {
    "accept": (suggestions.accept, {}),
    "refuse": (suggestions.refuse, {"reason": "不在本社区"}),
    "adopt": (suggestions.adopt, {"public_title": "东门路灯修复"}),
    "solve": (suggestions.solve, {"words": "已修好"}),
    "reverse": (suggestions.reverse, {"key": "reversal-key", "reason": "重复"}),
}
ROADS = {
    Status.SENT: [],
    Status.ACCEPTED: ["accept"],
    Status.REFUSED: ["refuse"],
    Status.ADOPTED: ["accept", "adopt"],
    Status.SOLVED: ["accept", "adopt", "solve"],
}


def take(desk: Desk, suggestion_id: int, step: str) -> None:
    use_case, words = STEPS[step]
    answer = desk.do(use_case, suggestion_id, **words)
    if answer is not None:
        answer.result()


def test_a_whole_life_is_kept_step_by_step(desk: Desk) -> None:
    sent = desk.send()
    desk.do(suggestions.accept, sent)
    desk.do(suggestions.answer, sent, "已联系物业")
    assert desk.adopt(sent) == 20
    desk.do(suggestions.solve, sent, "灯已换好")
    assert desk.status(sent) is Status.SOLVED
    assert desk.history(sent) == [
        ("sent", "resident", ""),
        ("accepted", DESK.name, ""),
        ("answered", DESK.name, "已联系物业"),
        ("adopted", DESK.name, ""),
        ("solved", DESK.name, "灯已换好"),
    ]
    assert desk.points() == 20


@pytest.mark.parametrize(
    ("status", "step", "refusal"),
    [
        (Status.SENT, "adopt", refusals.CannotAdopt),
        (Status.SENT, "solve", refusals.CannotSolve),
        (Status.SENT, "reverse", refusals.CannotReverse),
        (Status.ACCEPTED, "accept", refusals.CannotAccept),
        (Status.ACCEPTED, "solve", refusals.CannotSolve),
        (Status.ACCEPTED, "reverse", refusals.CannotReverse),
        (Status.REFUSED, "accept", refusals.CannotAccept),
        (Status.REFUSED, "refuse", refusals.CannotRefuse),
        (Status.REFUSED, "adopt", refusals.CannotAdopt),
        (Status.REFUSED, "solve", refusals.CannotSolve),
        (Status.REFUSED, "reverse", refusals.CannotReverse),
        (Status.ADOPTED, "accept", refusals.CannotAccept),
        (Status.ADOPTED, "refuse", refusals.CannotRefuse),
        (Status.ADOPTED, "adopt", refusals.AlreadyAdopted),
        (Status.SOLVED, "accept", refusals.CannotAccept),
        (Status.SOLVED, "refuse", refusals.CannotRefuse),
        (Status.SOLVED, "adopt", refusals.AlreadyAdopted),
        (Status.SOLVED, "solve", refusals.CannotSolve),
    ],
)
def test_a_step_out_of_turn_is_refused_and_changes_nothing(
    desk: Desk, status: Status, step: str, refusal: type[refusals.WrongStep]
) -> None:
    sent = desk.send()
    for earlier in ROADS[status]:
        take(desk, sent, earlier)
    before = desk.history(sent), desk.points()
    with pytest.raises(refusal):
        take(desk, sent, step)
    assert desk.status(sent) is status
    assert (desk.history(sent), desk.points()) == before


@pytest.mark.parametrize("status", list(Status))
def test_an_answer_can_be_given_at_any_step(desk: Desk, status: Status) -> None:
    sent = desk.send()
    for step in ROADS[status]:
        take(desk, sent, step)
    desk.do(suggestions.answer, sent, "谢谢您")
    assert desk.history(sent)[-1] == ("answered", DESK.name, "谢谢您")
    assert desk.status(sent) is status


def test_its_author_changes_it_while_it_waits_and_the_old_words_are_kept(desk: Desk) -> None:
    sent = desk.send("东门的灯坏了")
    author = Actor("resident", desk.world.resident_ids[0])
    with desk.acting(author) as act:
        own = suggestions.load_own(act, sent, desk.world.resident_ids[0])
        suggestions.edit(act, own, category=Category.FACILITIES, text="西门的灯坏了", place="西门")
    assert desk.history(sent)[-1] == ("edited", "resident", "东门的灯坏了")
    with desk.acting() as act:
        changed = desk.load(act, sent)
        assert (changed.text, changed.category, changed.place) == (
            "西门的灯坏了",
            "facilities",
            "西门",
        )


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.SENT])
def test_once_it_is_handled_nobody_changes_it(desk: Desk, status: Status) -> None:
    sent = desk.send("东门的灯坏了")
    for step in ROADS[status]:
        take(desk, sent, step)
    before = desk.points()
    with desk.acting() as act, pytest.raises(refusals.CannotEdit):
        suggestions.edit(act, desk.load(act, sent), category=Category.OTHER, text="别的")
    with desk.acting() as act:
        assert desk.load(act, sent).text == "东门的灯坏了"
    assert desk.points() == before


def test_a_form_sent_twice_is_one_suggestion(desk: Desk) -> None:
    first = desk.send(key="the-same-form")
    assert desk.send(key="the-same-form") == first
    with desk.acting() as act:
        assert act.session.scalar(select(func.count(Suggestion.id))) == 1
    assert [what for what, *_ in desk.history(first)] == ["sent"]


def test_a_form_sent_twice_at_once_is_one_suggestion(desk: Desk) -> None:
    with ThreadPoolExecutor(2) as pool:
        numbers = set(pool.map(lambda _: desk.send(key="the-same-form"), range(2)))
    assert len(numbers) == 1
    assert [what for what, *_ in desk.history(numbers.pop())] == ["sent"]


def test_a_form_sent_again_with_other_words_is_not_taken_for_the_first(desk: Desk) -> None:
    first = desk.send("路灯不亮", key="the-same-form")
    with pytest.raises(refusals.SentBefore):
        desk.send("井盖松动", key="the-same-form")
    with desk.acting() as act:
        assert desk.load(act, first).text == "路灯不亮"


def test_the_same_key_of_another_resident_is_another_form(desk: Desk) -> None:
    assert desk.send(key="the-same-form") != desk.send(key="the-same-form", resident=1)


def test_nobody_sends_more_in_a_day_than_a_desk_can_read(desk: Desk, clock) -> None:
    for number in range(20):
        desk.send(f"第{number}条")
    with pytest.raises(refusals.TooManyToday):
        desk.send("第21条")
    desk.send("另一位", resident=1)
    clock.forward(days=1, seconds=1)
    desk.send("第二天")


def test_another_community_or_resident_finds_nothing(desk: Desk) -> None:
    sent = desk.send()
    with desk.acting() as act:
        with pytest.raises(NotFound):
            suggestions.load(act, sent, desk.world.other_community_id)
        with pytest.raises(NotFound):
            suggestions.load_own(act, sent, desk.world.resident_ids[1])


def test_the_desk_takes_one_down_for_a_resident_and_it_is_on_record(desk: Desk) -> None:
    with desk.shelf() as shelf, desk.acting(DESK) as act:
        taken = suggestions.send(
            act,
            world.resident(act, desk.world.resident_ids[0]),
            shelf,
            key="desk-form",
            category=Category.SERVICE,
            text="希望晚上也能办事",
            channel=Channel.PHONE,
        )
        assert (taken.channel, taken.steps[0].by_resident) == ("phone", False)
        entry = act.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("suggestion.take", f"suggestion:{taken.id}")


def test_the_board_counts_each_suggestion_once(desk: Desk) -> None:
    for road in ROADS.values():
        sent = desk.send()
        for step in road:
            take(desk, sent, step)
    desk.send(category=Category.CULTURE)
    with desk.acting() as act:
        here = desk.world.community_id
        counted = suggestions.count_by_status(act, here)
        assert suggestions.tally(counted) == {
            "reported": 6,
            "waiting": 2,
            "in-hand": 2,
            "solved": 1,
            "refused": 1,
        }
        safety = suggestions.count_by_status(act, here, Category.SAFETY)
        assert suggestions.tally(safety)["reported"] == 5
        elsewhere = suggestions.count_by_status(act, desk.world.other_community_id)
        assert suggestions.tally(elsewhere)["reported"] == 0


def test_a_queue_is_read_by_pages_oldest_first(desk: Desk) -> None:
    numbers = [desk.send(resident=n % 3) for n in range(25)]
    here = desk.world.community_id
    with desk.acting() as act:
        first, second, beyond = (
            suggestions.listed(act, community_id=here, oldest_first=True, page=page)
            for page in (1, 2, 99)
        )
        assert [row.id for row in first.rows] == numbers[:20]
        assert [row.id for row in second.rows] == numbers[20:]
        assert (beyond.page, beyond.pages, beyond.count) == (2, 2, 25)
