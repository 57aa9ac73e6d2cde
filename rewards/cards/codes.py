"""What a card's code is, and how it is read from a camera, a hand scanner or a person."""

import re
import secrets
import unicodedata
from itertools import count
from operator import mul

from rewards.errors import N_, Refused

# No I, L, O, U or Z to be misread; 31 is prime, so the check character below misses nothing.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_MISREAD = str.maketrans("OILUZ", "011V2")
_BLANKS = re.compile(r"[\s\-·]")
_SIXTEEN = re.compile(f"[{ALPHABET}]{{16}}")
_ADDRESS = re.compile(r"HTTPS?://[^/\s]+/C/([0-9A-Z]{16})/?")


def new_code() -> str:
    """Fifteen random characters, 74 bits, and a check character, of :data:`ALPHABET`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(15))
    return body + check_character(body)


def check_character(body: str) -> str:
    """A weighted sum modulo 31 that finds any one wrong character and any swap of neighbours."""
    total = sum(map(mul, count(2), map(_VALUES.__getitem__, body)))
    return ALPHABET[total % 31]


class NotACard(Refused):
    """What was scanned or typed isn't a service card's code."""

    code = "not_a_card"
    status = 422
    message = N_("This isn't a service card. Scan the card's QR code or type its 16 characters.")


def read_code(scanned: str) -> str:
    """The card's code in what a camera, a hand scanner or a person typed.

    Takes the address in the QR code, or the sixteen characters with or without blanks and
    hyphens, in full width too; letters that the alphabet leaves out are read as the digits
    that they resemble.

    Raises:
        NotACard: it is something else, or a character is wrong.
    """
    typed = unicodedata.normalize("NFKC", scanned).strip().upper()
    if "://" in typed:
        found = _ADDRESS.fullmatch(typed)
        if found is None:
            raise NotACard
        typed = found[1]
    code = _BLANKS.sub("", typed).translate(_MISREAD)
    if _SIXTEEN.fullmatch(code) is None or check_character(code[:15]) != code[15]:
        raise NotACard
    return code


def address(public_url: str, code: str) -> str:
    """The address that a card's QR code holds: this site, and the code."""
    return f"{public_url}/c/{code}"
