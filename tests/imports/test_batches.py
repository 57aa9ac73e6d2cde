"""Nothing is registered before it is confirmed, then all of it at once, and once only."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards import imports, ledger, residents
from rewards.act import Act, Actor
from rewards.audit import AuditEntry
from rewards.cards import Card
from rewards.errors import NotFound
from rewards.imports import Batch, Fate, ImportLine
from rewards.residents import Details, Resident
from rewards.schemes import versions
from tests import world
from tests.conftest import Acting, Database, FakeClock
from tests.schemes import plain

STAFF = Actor("staff", 1, "管理员甲")


@pytest.fixture
def here(acting: Acting) -> world.World:
    with acting() as act:
        return world.build(act)


def check_in(act: Act, here: world.World, *rows: str) -> Batch:
    content = "\n".join(["姓名,手机,楼栋,备注", *rows]).encode()
    return imports.check_in(act, world.community(act, here.community_id), "list.csv", content)


def staged(act: Act, batch: Batch) -> list[ImportLine]:
    found = act.session.scalars(
        select(ImportLine).where(ImportLine.batch_id == batch.id).order_by(ImportLine.number)
    )
    return list(found)


def fates(act: Act, batch: Batch) -> list[str]:
    return [line.fate for line in staged(act, batch)]


def count(act: Act, model: type) -> int:
    return act.session.scalar(select(func.count()).select_from(model)) or 0


MIXED = (
    "新居民甲,13911110001,1号楼,示例",
    ",13911110002,1号楼,",
    "新居民乙,12,1号楼,",
    "新居民丙,139 1111 0001,2号楼,",
    "新居民丁,+86 138 0000 0001,2号楼,",
    "长" * 61 + ",,2号楼,",
    "新居民戊,,3号楼,",
    "新居民戊,,3号楼,",
    "新居民戊,,4号楼,",
)


def test_each_line_has_its_fate_and_nobody_is_registered(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        before = count(act, Resident)
        batch = check_in(act, here, *MIXED)
        assert fates(act, batch) == [
            "new",
            "no_name",
            "bad_phone",
            "twice",
            "registered",
            "too_long",
            "new",
            "twice",
            "new",
        ]
        lines = staged(act, batch)
        assert (lines[3].same_as, lines[7].same_as) == (2, 8)
        assert lines[4].resident_id == here.resident_ids[0]
        assert (batch.lines, batch.uploaded_by_name, batch.status) == (9, "管理员甲", "open")
        assert count(act, Resident) == before
        assert imports.counts(act, batch)[Fate.TWICE] == 2


def test_confirming_waits_until_every_problem_is_decided(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        batch = check_in(act, here, *MIXED)
        before = count(act, Resident)
        left = imports.confirm(act, batch, with_cards=False)
        assert left is not None and left.facts == {"count": 6}
        assert count(act, Resident) == before and batch.is_open
        assert imports.skip_problems(act, batch) == 6
        assert imports.confirm(act, batch, with_cards=True) is None
        assert count(act, Resident) == before + 3
        assert (batch.registered, batch.skipped, batch.cards) == (3, 6, 3)
        assert (batch.status, batch.finished_by_name) == ("confirmed", "管理员甲")
        newcomer = act.session.scalars(
            select(Resident).where(Resident.phone == "+8613911110001")
        ).one()
        assert (newcomer.name, newcomer.building, newcomer.note) == ("新居民甲", "1号楼", "示例")
        assert ledger.posted(act.session, newcomer.wallet_id) == 0
        assert act.session.get_one(ledger.Account, newcomer.wallet_id).name == "新居民甲"
        assert list(ledger.verify(act.session)) == []


TAGS = [
    {"key": "party", "name": {"zh": "党员", "en": "Party member"}},
    {"key": "head", "name": {"zh": "楼门长", "en": "Building head"}},
]


def with_tags(act: Act, here: world.World) -> None:
    rules = plain.scheme(plain.rule("hours", 1, per="hour"), tags=TAGS)
    versions.publish(act, here.programme_id, rules, effective_from=act.now, submitted_by="staff:2")


def check_in_whole(act: Act, here: world.World, *rows: str) -> Batch:
    content = "\n".join(["姓名,户号,身份", *rows]).encode()
    return imports.check_in(act, world.community(act, here.community_id), "list.csv", content)


def test_households_and_identities_come_with_the_list(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        with_tags(act, here)
        batch = check_in_whole(
            act, here, "甲,3-2-501,党员、楼门长", "乙,3-2-501,building HEAD", "丙,,", "丁,,party"
        )
        assert fates(act, batch) == ["new"] * 4
        assert imports.confirm(act, batch, with_cards=False) is None
        rows = act.session.execute(
            select(Resident.name, Resident.household, Resident.tags)
            .where(Resident.name.in_(list("甲乙丙丁")))
            .order_by(Resident.id)
        )
        assert [tuple(row) for row in rows] == [
            ("甲", "3-2-501", ["head", "party"]),
            ("乙", "3-2-501", ["head"]),
            ("丙", "", []),
            ("丁", "", ["party"]),
        ]


def test_an_identity_that_the_rules_dont_know_is_a_problem_of_its_line(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        with_tags(act, here)
        batch = check_in_whole(act, here, "甲,,党员、网格员", "乙," + "长" * 61 + ",")
        assert fates(act, batch) == ["unknown_tag", "too_long"]
        first, second = staged(act, batch)
        assert (first.tags, first.unknown_tags) == (["party"], "网格员")
        assert imports.fix(act, batch, first, Details("甲", tags=["party"])) is Fate.NEW
        assert imports.fix(act, batch, second, Details("乙", household="3-1")) is Fate.NEW
        assert imports.confirm(act, batch, with_cards=False) is None
        newcomer = act.session.scalars(select(Resident).where(Resident.name == "乙")).one()
        assert (newcomer.household, newcomer.tags) == ("3-1", [])


def test_where_the_rules_know_no_identity_the_column_isnt_read(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        batch = check_in_whole(act, here, "甲,3-2-501,党员")
        assert (batch.ignored_columns, fates(act, batch)) == (["身份"], ["new"])


def test_staged_lines_are_deleted_when_the_import_is_decided(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        kept = check_in(act, here, "甲,13911110001,,")
        imports.confirm(act, kept, with_cards=False)
        thrown = check_in(act, here, "乙,13911110002,,")
        imports.discard(act, thrown)
        assert count(act, ImportLine) == 0
        assert (kept.lines, thrown.lines, thrown.registered) == (1, 1, 0)
        assert act.session.scalar(select(Resident.id).where(Resident.name == "乙")) is None


def test_confirming_twice_registers_nobody_twice(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        batch_id = check_in(act, here, "甲,13911110001,,", "乙,,,").id
    for _ in range(2):
        with acting(STAFF) as act:
            batch = imports.load(act, batch_id, here.community_id)
            assert imports.confirm(act, batch, with_cards=True) is None
            assert batch.registered == 2
    with acting() as act:
        assert count(act, Card) == 2
        confirmed = select(AuditEntry).where(AuditEntry.action == "import.confirm")
        assert len(act.session.scalars(confirmed).all()) == 1


def test_two_desks_confirming_at_once_register_everybody_once(
    acting: Acting, here: world.World, database: Database, clock: FakeClock
) -> None:
    with acting(STAFF) as act:
        batch_id = check_in(act, here, *(f"新{i},1391111{i:04},," for i in range(50))).id
        before = count(act, Resident)
    together = threading.Barrier(2)
    problems: list[object] = []

    def confirm() -> None:
        with Session(database.engine) as session:
            act = Act(session, STAFF, clock())
            together.wait()
            try:
                batch = imports.load(act, batch_id, here.community_id)
                problems.append(imports.confirm(act, batch, with_cards=True))
                session.commit()
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [None, None]
    with acting() as act:
        assert count(act, Resident) == before + 50
        assert count(act, Card) == 50


def test_a_number_registered_meanwhile_is_seen_at_the_end_and_nothing_is_half_done(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        batch_id = check_in(act, here, "甲,13911110001,,", "乙,13911110002,,").id
    with acting() as act:
        community = world.community(act, here.community_id)
        rival = residents.register(act, community, name="丙", phone="+8613911110002")
        rival_id, before = rival.id, count(act, Resident)
    with acting(STAFF) as act:
        batch = imports.load(act, batch_id, here.community_id)
        left = imports.confirm(act, batch, with_cards=False)
        assert left is not None and left.facts == {"count": 1}
    with acting(STAFF) as act:
        batch = imports.load(act, batch_id, here.community_id)
        assert fates(act, batch) == ["new", "registered"]
        assert staged(act, batch)[1].resident_id == rival_id
        assert count(act, Resident) == before and batch.is_open


def test_a_number_registered_in_the_last_instant_registers_nobody(
    acting: Acting, here: world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(STAFF) as act:
        batch = check_in(act, here, "甲,13911110001,,", "乙,13911110002,,")
        register_many = residents.register_many

        def overtaken(act: Act, community, people):  # type: ignore[no-untyped-def]
            monkeypatch.setattr(residents, "register_many", register_many)
            register_many(act, community, [Details("丙", "+8613911110002")])
            return register_many(act, community, people)

        monkeypatch.setattr(residents, "register_many", overtaken)
        left = imports.confirm(act, batch, with_cards=True)
        assert left is not None and left.facts == {"count": 1}
        assert batch.is_open and fates(act, batch) == ["new", "registered"]
        assert count(act, Card) == 0
        assert act.session.scalar(select(Resident.id).where(Resident.name == "甲")) is None


def test_a_line_is_mended_in_place_and_frees_what_repeated_it(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        batch = check_in(act, here, "甲,13911110001,,", "乙,13911110001,,", "丙,1,,")
        first, second, third = staged(act, batch)
        assert imports.fix(act, batch, third, Details("丙", "+8613911110001")) is Fate.TWICE
        assert imports.fix(act, batch, third, Details("丙", "+8613911110003")) is Fate.NEW
        assert imports.fix(act, batch, first, Details("甲", "+8613911110009")) is Fate.NEW
        assert fates(act, batch) == ["new", "new", "new"]
        assert second.same_as is None


def test_a_line_is_skipped_and_taken_in_again(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        batch = check_in(act, here, "甲,13911110001,,", "乙,13911110001,,")
        first, second = staged(act, batch)
        imports.skip(act, batch, first)
        assert fates(act, batch) == ["skipped", "new"]
        assert imports.restore(act, batch, first) is Fate.NEW
        assert fates(act, batch) == ["new", "twice"]
        assert second.same_as == 2


def test_the_same_file_imported_again_registers_nobody(acting: Acting, here: world.World) -> None:
    rows = ("甲,13911110001,1号楼,", "乙,,2号楼,")
    with acting(STAFF) as act:
        imports.confirm(act, check_in(act, here, *rows), with_cards=False)
        again = check_in(act, here, *rows)
        assert fates(act, again) == ["registered", "registered"]


def test_a_finished_import_is_not_changed_any_more(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        done = check_in(act, here, "甲,13911110001,,")
        imports.confirm(act, done, with_cards=False)
        thrown = check_in(act, here, "乙,13911110002,,")
        imports.discard(act, thrown)
        imports.discard(act, thrown)
        with pytest.raises(imports.BatchClosed):
            imports.discard(act, done)
        with pytest.raises(imports.BatchClosed):
            imports.confirm(act, thrown, with_cards=False)
        with pytest.raises(imports.BatchClosed):
            imports.skip_problems(act, done)


def test_another_community_s_import_is_not_there(acting: Acting, here: world.World) -> None:
    with acting(STAFF) as act:
        mine = check_in(act, here, "甲,13911110001,,")
        other = check_in(act, here, "乙,13911110002,,")
        with pytest.raises(NotFound):
            imports.load(act, mine.id, here.other_community_id)
        with pytest.raises(NotFound):
            imports.load_line(act, mine, staged(act, other)[0].id)


def test_the_same_number_in_another_community_is_no_obstacle(
    acting: Acting, here: world.World
) -> None:
    with acting(STAFF) as act:
        batch = check_in(act, here, "甲,13900000001,,")
        assert fates(act, batch) == ["new"]


def test_five_thousand_residents_are_checked_and_confirmed(
    acting: Acting, here: world.World
) -> None:
    rows = [f"示例居民{i},139{i:08},{i % 40}号楼,示例" for i in range(5_000)]
    with acting(STAFF) as act:
        batch_id = check_in(act, here, *rows).id
    with acting(STAFF) as act:
        batch = imports.load(act, batch_id, here.community_id)
        assert imports.confirm(act, batch, with_cards=True) is None
        assert (batch.registered, batch.cards) == (5_000, 5_000)
    with acting() as act:
        last = act.session.scalars(select(Resident).where(Resident.phone == f"+86139{4999:08}"))
        resident = last.one()
        assert act.session.get_one(ledger.Account, resident.wallet_id).name == "示例居民4999"
