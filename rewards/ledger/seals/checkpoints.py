"""Checkpoints as text: C2SP tlog-checkpoint, signed as a C2SP signed note with Ed25519.

https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rewards import sealcheck
from rewards.errors import N_, Refused

Statement = sealcheck.Statement
_ED25519 = b"\x01"


class BadKey(Exception):
    """The signing key isn't 32 bytes in base64; the message says where it was found."""


class BadCheckpoint(Refused):
    """A checkpoint that was brought from outside can't be read, or another key signed it."""

    code = "bad_checkpoint"
    status = 422
    message = N_("This checkpoint can't be used: %(why)s")


@dataclass(frozen=True)
class Signer:
    """The installation's signing key. Its name in the notes is the log's origin."""

    private: Ed25519PrivateKey

    def vkey(self, name: str) -> str:
        """The public key as verifiers take it: ``name+id+key``."""
        return f"{name}+{self._id(name).hex()}+{_base64(_ED25519 + self._public())}"

    def note(self, name: str, text: str) -> str:
        """*text* (ending in a newline) and its signature line."""
        signature = self.private.sign(text.encode())
        return f"{text}\n\u2014 {name} {_base64(self._id(name) + signature)}\n"

    def _public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def _id(self, name: str) -> bytes:
        return sha256(name.encode() + b"\n" + _ED25519 + self._public()).digest()[:4]


def body(origin: str, size: int, root: bytes) -> str:
    """What a checkpoint states, as it is signed."""
    return f"{origin}\n{size}\n{_base64(root)}\n"


def opened(note: str, vkey: str) -> Statement:
    """What a checkpoint from outside states, by the verifier's own reading of it.

    Raises:
        BadCheckpoint: it is malformed, or was not signed by *vkey*.
    """
    try:
        return sealcheck.open_checkpoint(note, vkey)
    except sealcheck.Failed as failure:
        raise BadCheckpoint(why=str(failure)) from None


def origin_of(public_url: str) -> str:
    """The log's name: its address without a scheme, as C2SP recommends."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}/seals"


def signer(given: str | None, kept: Path) -> Signer:
    """The key that was *given* as a setting, or the one in the file *kept*, made if need be.

    Raises:
        BadKey: it is not 32 bytes in base64.
    """
    if given:
        return _signer(given, "SEAL_KEY")
    if not kept.exists():
        # Complete under its own name only once it is whole, and never over another's.
        fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(_base64(os.urandom(32)) + "\n", encoding="ascii")
        try:
            os.link(fresh, kept)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _signer(kept.read_text(encoding="ascii"), str(kept))


def _signer(text: str, where: str) -> Signer:
    try:
        seed = b64decode(text.strip(), validate=True)
    except (NotBase64, ValueError):
        seed = b""
    if len(seed) != 32:
        raise BadKey(f"{where} must be 32 random bytes in base64.")
    return Signer(Ed25519PrivateKey.from_private_bytes(seed))


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
