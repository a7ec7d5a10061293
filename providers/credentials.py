"""Secrets at rest, and what a credential may look like.

A credential is kept in one text column, as one of two things: a reference to an environment variable (`$NAME` or
`${NAME}`), which is kept as it is, or a secret, which is encrypted (Fernet). `settings.CREDENTIALS_KEYS` holds the
keys: the first encrypts, all decrypt, so a new key is put in front and the old one goes when `rotate_credentials` has
run.

    CredentialError
    ├── CredentialMissing      there is none
    ├── VariableNotSet         the environment variable that it refers to is not set, or empty
    ├── CredentialUnreadable   no key in CREDENTIALS_KEYS decrypts it
    └── CredentialMalformed    it holds characters that an HTTP header cannot carry
"""

from __future__ import annotations

import base64
import os
import re
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_REFERENCE = re.compile(r"\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*")
_HKDF_PURPOSE = b"claude-code-gateway: credentials at rest"


class CredentialError(Exception):
    """Its text says what is wrong and what to do; it never holds any part of a secret."""


class CredentialMissing(CredentialError):
    pass


class VariableNotSet(CredentialError):
    pass


class CredentialUnreadable(CredentialError):
    pass


class CredentialMalformed(CredentialError):
    pass


def variable_name(stored: str) -> str | None:
    """The environment variable that a stored credential refers to; None when it is an encrypted secret."""
    match = _REFERENCE.fullmatch(stored)
    return (match["bare"] or match["braced"]) if match else None


def to_stored(text: str) -> str:
    """What to keep for a credential that a person entered. Raises `CredentialMalformed`."""
    text = text.strip()
    if not text or variable_name(text):
        return text
    return _cipher().encrypt(_checked(text, "The credential").encode()).decode()


def resolve(stored: str) -> str:
    """The secret that a stored credential stands for. Raises `CredentialError`."""
    if not stored:
        raise CredentialMissing("There is no credential: enter one in the admin.")
    name = variable_name(stored)
    return _from_environment(name) if name else _decrypt(stored)


def reencrypt(stored: str) -> str:
    """The same secret under the first key; a reference stays as it is. Raises `CredentialUnreadable`."""
    if not stored or variable_name(stored):
        return stored
    try:
        return _cipher().rotate(stored).decode()
    except InvalidToken as error:
        raise _unreadable() from error


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise VariableNotSet(f"The environment variable {name} is not set: set it and restart the gateway.")
    return _checked(value, f"The environment variable {name}")


def _decrypt(stored: str) -> str:
    try:
        return _cipher().decrypt(stored).decode()
    except InvalidToken as error:
        raise _unreadable() from error


def _unreadable() -> CredentialUnreadable:
    return CredentialUnreadable(
        "The credential cannot be decrypted with any key in CREDENTIALS_KEYS: add the key that it was encrypted with, "
        "or enter the credential again in the admin."
    )


def _checked(text: str, what: str) -> str:
    if not _HEADER_VALUE.fullmatch(text):
        raise CredentialMalformed(f"{what} holds a line break or another character that an HTTP header cannot carry.")
    return text


def _cipher() -> MultiFernet:
    return _cipher_for(tuple(settings.CREDENTIALS_KEYS))


@lru_cache(maxsize=8)
def _cipher_for(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


def _fernet(key: str) -> Fernet:
    """A Fernet key is used as it is; any other text becomes one by HKDF."""
    try:
        return Fernet(key)
    except ValueError:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_HKDF_PURPOSE).derive(key.encode())
        return Fernet(base64.urlsafe_b64encode(derived))
