"""Files as residents, and others, send them."""

import struct
import zlib
from io import BytesIO

from PIL import ExifTags, Image

SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"""
PROGRAM = b"MZ\x90\x00" + bytes(2000)


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A gradient, so that it doesn't compress to nothing."""
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def photo_with_position(width: int = 800, height: int = 600) -> bytes:
    """A photo as a telephone makes it: lying on its side, with place, time and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Sample Telephone"
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = (40.0, 3.0, 15.0)
    position[ExifTags.GPS.GPSLongitudeRef] = "E"
    position[ExifTags.GPS.GPSLongitude] = (116.0, 20.0, 30.0)
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(
        out, "JPEG", exif=exif, comment=b"flat 502", xmp=b"<x:xmpmeta>flat 502</x:xmpmeta>"
    )
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A few bytes of PNG that claim to be a picture of 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(width // 8 + 1) * 10)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )
