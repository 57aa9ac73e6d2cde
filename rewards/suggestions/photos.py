"""Photos: checked by their content, made harmless, and kept under random names."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType

from PIL import Image, ImageOps

from rewards.suggestions.refusals import (
    NotAPhoto,
    PhotoDamaged,
    PhotoTooLarge,
    PhotoTooManyPixels,
    TooManyPhotos,
)

MOST_PHOTOS = 4
MOST_MEGABYTES = 10
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024
MOST_MEGAPIXELS = 50
LONGEST_EDGE = 1600
THUMBNAIL_EDGE = 400

FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: what its sender calls it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Picture:
    """A photo fit to be kept: two JPEGs of nothing but pixels."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int


def prepare_all(uploads: Sequence[Upload]) -> list[Picture]:
    """Check and re-encode each upload, or refuse them all.

    Raises:
        TooManyPhotos, PhotoTooLarge, NotAPhoto, PhotoDamaged, PhotoTooManyPixels
    """
    if len(uploads) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    return [prepare(upload) for upload in uploads]


def prepare(upload: Upload) -> Picture:
    """The picture in *upload*, upright, shrunk, and without position, time or any other note."""
    name = upload.name[-60:]
    if len(upload.data) > MOST_BYTES:
        raise PhotoTooLarge(name=name, most=MOST_MEGABYTES)
    image = _open(upload.data, name)
    try:
        # Before anything else: a JPEG is then decoded at a fraction of its size.
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = _on_white(upright)
    except Exception:
        # A decoder that is fed rubbish may raise anything at all.
        raise PhotoDamaged(name=name) from None
    small = plain.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return Picture(_jpeg(plain), _jpeg(small), plain.width, plain.height)


def _open(data: bytes, name: str) -> Image.Image:
    """Look at the header alone; neither the file's name nor its declared type is believed."""
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooManyPixels(name=name, most=MOST_MEGAPIXELS) from None
    except Exception:
        raise NotAPhoto(name=name) from None
    if image.width * image.height > MOST_MEGAPIXELS * 1_000_000:
        raise PhotoTooManyPixels(name=name, most=MOST_MEGAPIXELS)
    return image


def _on_white(image: Image.Image) -> Image.Image:
    """The pixels alone in a fresh image, so that no comment or profile travels along."""
    fresh = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        fresh.paste(layer, mask=layer.getchannel("A"))
    else:
        fresh.paste(image.convert("RGB"))
    return fresh


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()


class Shelf:
    """The folder that photos are kept in.

    As a context, it takes away again what was put there when the block fails: commit inside
    the block, and the files of a transaction that came to nothing go with it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._put: list[Path] = []

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            for path in self._put:
                path.unlink(missing_ok=True)
        self._put.clear()

    def put(self, picture: Picture) -> str:
        """Keep *picture*; answers its new name."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        for small, data in ((False, picture.jpeg), (True, picture.thumbnail)):
            path = self.path(name, small=small)
            self._put.append(path)
            path.write_bytes(data)
        return name

    def path(self, name: str, *, small: bool = False) -> Path:
        """The file of the photo that is kept as *name*, or of its thumbnail."""
        return self._folder / f"{name}{'-small' if small else ''}.jpg"
