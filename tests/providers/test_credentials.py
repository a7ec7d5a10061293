from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from providers import credentials


def test_a_secret_comes_back_as_it_was_and_is_not_readable_in_between() -> None:
    stored = credentials.to_stored("sk-some-key")
    assert "some-key" not in stored
    assert credentials.resolve(stored) == "sk-some-key"


def test_the_same_secret_is_stored_differently_each_time() -> None:
    assert credentials.to_stored("sk-some-key") != credentials.to_stored("sk-some-key")


@pytest.mark.parametrize("reference", ["$UPSTREAM_KEY", "${UPSTREAM_KEY}", "  $UPSTREAM_KEY\n"])
def test_a_variable_is_kept_by_name_and_read_when_it_is_needed(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = credentials.to_stored(reference)
    assert stored == reference.strip()
    monkeypatch.setenv("UPSTREAM_KEY", "first\n")
    assert credentials.resolve(stored) == "first"
    monkeypatch.setenv("UPSTREAM_KEY", "second")
    assert credentials.resolve(stored) == "second"


@pytest.mark.parametrize("text", ["$1abc", "${OPEN", "$TWO-WORDS", "a$NAME", "$"])
def test_a_secret_with_a_dollar_sign_is_no_variable(text: str) -> None:
    stored = credentials.to_stored(text)
    assert credentials.variable_name(stored) is None
    assert credentials.resolve(stored) == text


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_without_a_value_is_named(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPSTREAM_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("UPSTREAM_KEY", value)
    with pytest.raises(credentials.VariableNotSet, match="UPSTREAM_KEY is not set"):
        credentials.resolve("$UPSTREAM_KEY")


@pytest.mark.parametrize("text", ["two\nlines", "carriage\rreturn", "nul\0byte", "clé"])
def test_a_credential_that_no_header_can_carry_is_refused_without_repeating_it(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(credentials.CredentialMalformed) as caught:
        credentials.to_stored(text)
    assert text not in str(caught.value)


def test_a_variable_that_no_header_can_carry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY", "two\nlines")
    with pytest.raises(credentials.CredentialMalformed, match="UPSTREAM_KEY"):
        credentials.resolve("$UPSTREAM_KEY")


def test_no_credential_at_all_is_an_error_of_its_own() -> None:
    with pytest.raises(credentials.CredentialMissing):
        credentials.resolve("")


def test_every_key_decrypts_and_the_first_one_encrypts(settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["old"]
    under_old = credentials.to_stored("secret")
    settings.CREDENTIALS_KEYS = ["new", "old"]
    under_new = credentials.to_stored("secret")
    assert credentials.resolve(under_old) == "secret"
    settings.CREDENTIALS_KEYS = ["new"]
    assert credentials.resolve(under_new) == "secret"
    with pytest.raises(credentials.CredentialUnreadable, match="CREDENTIALS_KEYS"):
        credentials.resolve(under_old)


def test_a_fernet_key_is_used_as_it_is(settings: Settings) -> None:
    key = Fernet.generate_key()
    settings.CREDENTIALS_KEYS = [key.decode()]
    assert Fernet(key).decrypt(credentials.to_stored("secret")) == b"secret"


def test_reencrypting_moves_a_secret_under_the_first_key(settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["old"]
    stored = credentials.to_stored("secret")
    settings.CREDENTIALS_KEYS = ["new", "old"]
    stored = credentials.reencrypt(stored)
    settings.CREDENTIALS_KEYS = ["new"]
    assert credentials.resolve(stored) == "secret"


@pytest.mark.parametrize("stored", ["", "$UPSTREAM_KEY"])
def test_reencrypting_leaves_alone_what_is_not_encrypted(stored: str) -> None:
    assert credentials.reencrypt(stored) == stored


def test_reencrypting_with_a_wrong_key_is_refused(settings: Settings) -> None:
    stored = credentials.to_stored("secret")
    settings.CREDENTIALS_KEYS = ["another"]
    with pytest.raises(credentials.CredentialUnreadable):
        credentials.reencrypt(stored)
