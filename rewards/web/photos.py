"""Photos between the browser and the shelf that they are kept on."""

from flask import Response, request
from werkzeug.datastructures import FileStorage

from rewards.errors import NotFound
from rewards.suggestions import Photo, Shelf, Upload
from rewards.suggestions.photos import MOST_BYTES
from rewards.web.edge import settings

# More than the photos allowed, so that one too large is refused by name with the form kept.
LARGEST_FORM = 64 * 1024 * 1024


def take_large_forms() -> None:
    """Let a form with photos in. Put before the guard, so that an expired session keeps it too."""
    request.max_content_length = LARGEST_FORM


def shelf() -> Shelf:
    """The shelf of this installation."""
    return Shelf(settings().instance / "photos")


def chosen() -> list[FileStorage]:
    """The files chosen in the form."""
    return [file for file in request.files.getlist("photos") if file.filename]


def uploads() -> list[Upload]:
    """The chosen files' bytes, none read further than it takes to see that it is too large."""
    return [Upload(file.filename or "", file.read(MOST_BYTES + 1)) for file in chosen()]


def sent(photo: Photo, size: str) -> Response:
    """The photo itself, ``full`` or ``small``, for the viewer's own cache alone."""
    try:
        data = shelf().path(photo.name, small=size == "small").read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
