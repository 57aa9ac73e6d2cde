"""A photo is what its content says, loses all but the picture, and leaves no orphan."""

from io import BytesIO

import pytest
from PIL import Image

from rewards.errors import Refused
from rewards.suggestions import Picture, Shelf, Upload, prepare_all, refusals
from tests.suggestions import images
from tests.suggestions.conftest import Desk


def prepared(data: bytes, name: str = "photo.jpg") -> Picture:
    [picture] = prepare_all([Upload(name, data)])
    return picture


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.load()
    return image


def test_position_time_and_words_are_gone_and_the_picture_stands_upright() -> None:
    original = images.photo_with_position(800, 600)
    assert opened(original).getexif().get_ifd(0x8825), "the test's photo has no position"
    picture = prepared(original)
    for jpeg in (picture.jpeg, picture.thumbnail):
        kept = opened(jpeg)
        assert dict(kept.getexif()) == {}
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
            "progressive",
            "progression",
        }
        assert b"Exif" not in jpeg and b"502" not in jpeg and b"Telephone" not in jpeg
    assert (picture.width, picture.height) == (600, 800)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_photo_is_shrunk_and_becomes_a_jpeg(kind: str) -> None:
    picture = prepared(images.photo(2000, 1500, kind))
    assert (picture.width, picture.height) == (1600, 1200)
    kept = opened(picture.jpeg)
    assert (kept.format, kept.size) == ("JPEG", (1600, 1200))
    assert max(opened(picture.thumbnail).size) == 400
    assert len(picture.thumbnail) < len(picture.jpeg)


def test_a_small_photo_is_not_blown_up() -> None:
    picture = prepared(images.photo(120, 90))
    assert (picture.width, picture.height) == (120, 90)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P"])
def test_pictures_of_any_colour_model_are_taken(mode: str) -> None:
    assert opened(prepared(images.photo(64, 64, "PNG", mode)).jpeg).mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(prepared(out.getvalue()).jpeg).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("drawing.svg", images.SVG, refusals.NotAPhoto),
        ("photo.jpg", images.SVG, refusals.NotAPhoto),
        ("photo.jpg", images.PROGRAM, refusals.NotAPhoto),
        ("empty.jpg", b"", refusals.NotAPhoto),
        ("moving.gif", images.photo(kind="GIF", mode="P"), refusals.NotAPhoto),
        ("half.jpg", images.photo(800, 600)[:9000], refusals.PhotoDamaged),
        ("half.png", images.photo(800, 600, "PNG")[:1500], refusals.PhotoDamaged),
        ("bomb.png", images.bomb(), refusals.PhotoTooManyPixels),
        ("large.png", images.bomb(9000, 9000), refusals.PhotoTooManyPixels),
        ("fifty.jpg", images.photo() + bytes(50 * 1024 * 1024), refusals.PhotoTooLarge),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_photo_is_refused_by_name(
    name: str, data: bytes, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        prepare_all([Upload("good.jpg", images.photo()), Upload(name, data)])
    assert refused.value.facts["name"] == name
    assert refused.value.status == 422


def test_five_photos_are_too_many() -> None:
    with pytest.raises(refusals.TooManyPhotos):
        prepare_all([Upload("photo.jpg", images.photo(8, 8))] * 5)


def test_photos_are_kept_under_random_names(desk: Desk) -> None:
    picture = prepared(images.photo())
    sent = desk.send(pictures=[picture, picture])
    with desk.acting() as act:
        photos = desk.load(act, sent).photos
        assert len({photo.name for photo in photos}) == 2
        for photo in photos:
            assert desk.shelf().path(photo.name).read_bytes() == picture.jpeg
            assert desk.shelf().path(photo.name, small=True).read_bytes() == picture.thumbnail
            assert (photo.width, photo.height, photo.size) == (640, 480, len(picture.jpeg))


def test_a_repeated_form_keeps_no_second_copy(desk: Desk) -> None:
    picture = prepared(images.photo())
    desk.send(key="the-same-form", pictures=[picture])
    desk.send(key="the-same-form", pictures=[picture])
    assert len(list(desk.folder.iterdir())) == 2


def test_a_transaction_that_fails_takes_its_files_along(desk: Desk) -> None:
    kept = Shelf(desk.folder)
    with kept:
        name = kept.put(prepared(images.photo()))
    with pytest.raises(RuntimeError), Shelf(desk.folder) as shelf:
        shelf.put(prepared(images.photo()))
        raise RuntimeError("the commit failed")
    assert sorted(path.name for path in desk.folder.iterdir()) == [
        f"{name}-small.jpg",
        f"{name}.jpg",
    ]
