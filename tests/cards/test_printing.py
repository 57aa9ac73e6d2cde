"""Printed cards and slips: what is on the page is read back from the page."""

import io
from datetime import date

import pdfplumber
import pytest
import zxingcpp
from sqlalchemy import select

from rewards import cards, residents
from rewards.audit import AuditEntry
from rewards.cards import printing, sheet
from rewards.residents import Details
from tests import world
from tests.conftest import Acting
from tests.world import World

KEY = b"a key for tests only"
TODAY = date(2026, 11, 20)
SITE = "https://points.example"
RARE = ["王䶮", "李𬱖", "欧阳㛃"]


@pytest.fixture
def here(acting: Acting) -> World:
    """Thirteen cards; the first three residents have rare characters in their names."""
    with acting() as act:
        made = world.build(act, residents_wanted=0)
        people = residents.register_many(
            act,
            world.community(act, made.community_id),
            [Details(name) for name in [*RARE, *(f"示例居民{i}" for i in range(10))]],
        )
        cards.issue_many(act, people)
        cards.issue(act, world.resident(act, made.other_resident_id))
        return made


def text_of(pdf: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return [page.extract_text() for page in document.pages]


def read_from(pdf: bytes, page: int = 0) -> list[str]:
    """What a camera reads on a page of *pdf*."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        image = document.pages[page].to_image(resolution=150).original
    return [found.text for found in zxingcpp.read_barcodes(image)]


def test_ten_cards_to_a_page_with_names_codes_and_addresses(acting: Acting, here: World) -> None:
    with acting() as act:
        chosen, total = printing.not_yet_printed(act, here.community_id, TODAY)
        faces = printing.print_cards(act, chosen, public_url=SITE, masked=False)
        codes = [card.code for card in chosen]
    assert total == len(faces) == 13
    pdf = sheet.card_sheet(faces)
    pages = text_of(pdf)
    assert [page.count("E心益意服务卡") for page in pages] == [10, 3]
    everything = "".join(pages)
    for face in faces:
        assert face.name in everything
        assert " ".join(face.code[i : i + 4] for i in (0, 4, 8, 12)) in everything
    for said in ("示例积分项目", "示例一社区", "010-0000-0000"):
        assert said in pages[0]
    assert sorted(read_from(pdf) + read_from(pdf, 1)) == sorted(f"{SITE}/c/{c}" for c in codes)
    assert not any(face.name in face.address for face in faces)


def test_names_can_be_masked_and_a_last_day_is_printed(acting: Acting, here: World) -> None:
    with acting() as act:
        chosen, _ = printing.not_yet_printed(act, here.community_id, TODAY)
        chosen[0].expires_on = date(2027, 11, 30)
        faces = printing.print_cards(act, chosen[:3], public_url=SITE, masked=True)
        names = [card.resident.name for card in chosen[:3]]
    [page] = text_of(sheet.card_sheet(faces))
    assert not any(name in page for name in names)
    assert f"{names[0][0]}*" in page
    assert "2027-11-30" in page


def test_printing_is_remembered_and_audited(acting: Acting, here: World) -> None:
    with acting() as act:
        chosen, _ = printing.not_yet_printed(act, here.community_id, TODAY)
        printing.print_cards(act, chosen[:5], public_url=SITE, masked=False)
        printing.print_slips(act, chosen[:2], key=KEY)
    with acting() as act:
        left, total = printing.not_yet_printed(act, here.community_id, TODAY)
        assert total == len(left) == 8
        actions = act.session.scalars(select(AuditEntry.action)).all()
        assert actions.count("card.print") == 5
        assert actions.count("card.print_slip") == 2


def test_slips_are_apart_from_the_cards_and_only_for_who_has_no_pin(
    acting: Acting, here: World
) -> None:
    with acting() as act:
        chosen, _ = printing.not_yet_printed(act, here.community_id, TODAY)
        first = chosen[0]
        code = cards.activation_code(first, KEY)
        assert cards.activate(act, first, code, "602914", KEY) is None
        slips = printing.print_slips(act, chosen, key=KEY)
        faces = printing.print_cards(act, chosen, public_url=SITE, masked=False)
        with pytest.raises(printing.NothingToPrint):
            printing.print_slips(act, [first], key=KEY)
    assert len(slips) == 12
    on_slips = "".join(text_of(sheet.slip_sheet(slips)))
    on_cards = "".join(text_of(sheet.card_sheet(faces)))
    for slip, face in zip(slips, faces[1:], strict=True):
        shown = f"{slip.activation_code[:4]} {slip.activation_code[4:]}"
        assert shown in on_slips and slip.name in on_slips and slip.code_end in on_slips
        assert shown not in on_cards and slip.activation_code not in on_cards
        assert face.code not in on_slips.replace(" ", "")
    assert read_from(sheet.slip_sheet(slips)) == []


def test_only_usable_cards_of_the_community_are_printed(acting: Acting, here: World) -> None:
    with acting() as act:
        chosen, _ = printing.not_yet_printed(act, here.community_id, TODAY)
        foreign = cards.active_card(act, here.other_resident_id)
        assert foreign is not None
        cards.block(act, chosen[0], reason="遗失")
        newer = cards.replace(act, chosen[1], reason="损坏")
        chosen[2].expires_on = date(2026, 11, 19)
        asked = [*(card.id for card in chosen[:4]), newer.id, foreign.id, 999_999]
        found = printing.chosen(act, here.community_id, asked, TODAY)
        assert {card.id for card in found} == {chosen[3].id, newer.id}
        with pytest.raises(printing.NothingToPrint):
            printing.print_cards(act, [], public_url=SITE, masked=False)


def test_a_name_that_the_font_lacks_is_told_before_printing(acting: Acting, here: World) -> None:
    assert not any(sheet.unprintable(name) for name in RARE)
    with acting() as act:
        chosen, _ = printing.not_yet_printed(act, here.community_id, TODAY)
        chosen[0].resident.name = "示例🙂"
        assert printing.unprintable_names(chosen) == ["示例🙂"]


def test_a_long_name_stays_on_its_card() -> None:
    face = sheet.Face("示例", "示例", "长" * 60, "0" * 16, f"{SITE}/c/0", "", None)
    [page] = text_of(sheet.card_sheet([face]))
    assert "长" * 60 in page
