"""A resident's phone shrinks photos before it sends them; the server cleans them all the same."""

from io import BytesIO

from flask import Flask
from PIL import Image

from rewards.settings import Settings
from tests import world
from tests.browser.conftest import PHONE, person
from tests.conftest import Acting
from tests.suggestions import images

SIZES = "() => [...document.querySelector('#f-photos').files].map((file) => file.size)"


def test_a_large_photo_leaves_the_phone_small(
    site: Flask, settings: Settings, acting: Acting, launch
) -> None:
    with acting() as act:
        resident_id = world.build(act).resident_ids[0]
    page = person(launch(), settings.public_url, PHONE)
    signed_in = site.session_interface.get_signing_serializer(site).dumps(  # type: ignore[attr-defined]
        {"_user_id": f"resident:{resident_id}:1"}
    )
    page.context.add_cookies([{"name": "epoints", "value": signed_in, "url": settings.public_url}])
    noise = BytesIO()
    Image.effect_noise((2400, 1800), 60).save(noise, "JPEG", quality=95)
    page.goto("/me/suggest/new")
    page.locator("#f-text").fill("东门的路灯不亮")
    page.locator("input[value=safety]").check()
    page.locator("#f-photos").set_input_files(
        [
            {"name": "noise.jpg", "mimeType": "image/jpeg", "buffer": noise.getvalue()},
            {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": images.photo_with_position()},
        ]
    )
    page.locator("[data-photos-preview] img").nth(1).wait_for()
    for _ in range(100):
        large, small = page.evaluate(SIZES)
        if large < len(noise.getvalue()):
            break
        page.wait_for_timeout(50)
    assert large < len(noise.getvalue()) / 2
    assert small == len(images.photo_with_position()), "what is small already goes as it is"
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url("**/sent")
    files = [p for p in (settings.instance / "photos").iterdir() if "-small" not in p.name]
    kept = [Image.open(BytesIO(path.read_bytes())) for path in files]
    assert sorted(max(image.size) for image in kept) == [800, 1600]
    assert all(not dict(image.getexif()) for image in kept)
    assert page.faults == []  # type: ignore[attr-defined]
