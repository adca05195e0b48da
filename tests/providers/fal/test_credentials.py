"""fal's credentials: whether there are any, and how they are kept out of sight."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fal_client.auth
import pytest
from builders import modules_after

from pelican_falhero.debug import redacted
from pelican_falhero.errors import AccountError
from pelican_falhero.providers.fal.credentials import are_present, checked_key, key_of

KEY = "0a1b2c3d-id:9f8e7d6c-secret"


def login(home: Path) -> None:
    """Leave what ``fal auth login`` leaves."""
    (home / ".fal").mkdir(parents=True)
    (home / ".fal" / "auth0_token").write_text("refresh-token\n")


ENVIRONMENTS: list[tuple[dict[str, str], str | None]] = [
    ({}, None),
    ({"FAL_KEY": ""}, None),
    ({"FAL_KEY": "  "}, None),
    ({"FAL_KEY": KEY}, KEY),
    ({"FAL_KEY": f" {KEY}\n"}, KEY),
    ({"FAL_KEY_ID": "id", "FAL_KEY_SECRET": "secret"}, "id:secret"),
    ({"FAL_KEY_ID": " id ", "FAL_KEY_SECRET": "secret\n"}, "id:secret"),
    ({"FAL_KEY_ID": "id"}, None),
    ({"FAL_KEY_SECRET": "secret"}, None),
    ({"FAL_KEY_ID": "id", "FAL_KEY_SECRET": " "}, None),
    ({"FAL_KEY": KEY, "FAL_KEY_ID": "id", "FAL_KEY_SECRET": "secret"}, KEY),
    ({"FAL_KEY": KEY, "FAL_FORCE_AUTH_BY_USER": "1"}, None),
    ({"FAL_KEY": KEY, "FAL_FORCE_AUTH_BY_USER": "0"}, KEY),
]


@pytest.mark.parametrize(("environ", "key"), ENVIRONMENTS)
def test_a_key_is_found_in_the_environment(environ: dict[str, str], key: str | None) -> None:
    """In one variable or in two, without the white space that pasting adds, unless the user insists on a login."""
    assert key_of(environ) == key
    assert checked_key(environ) == key
    assert are_present(environ) is (key is not None)


@pytest.mark.parametrize(
    "environ",
    [
        {"FAL_KEY": KEY},
        {"FAL_KEY_ID": "id", "FAL_KEY_SECRET": "secret"},
        {"FAL_KEY": KEY, "FAL_KEY_ID": "id", "FAL_KEY_SECRET": "secret"},
        {"FAL_KEY": KEY, "FAL_FORCE_AUTH_BY_USER": "0"},
    ],
)
def test_fal_client_finds_the_same_key(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What this package takes for the key is what fal's own client would send."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert fal_client.auth.fetch_credentials() == key_of()


def test_a_login_counts_as_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token that ``fal auth login`` leaves in the home folder, or where FAL_HOME_DIR says, is found."""
    assert not are_present({})
    login(tmp_path)
    assert are_present({"FAL_HOME_DIR": str(tmp_path / ".fal")})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert are_present({})
    assert are_present({"FAL_HOME_DIR": "~/.fal"})
    assert are_present({"FAL_KEY": "x", "FAL_FORCE_AUTH_BY_USER": "1"})
    assert not are_present({"FAL_HOME_DIR": str(tmp_path / "elsewhere")})


@pytest.mark.parametrize(
    "key", ["id:sec ret", "id:sec\nret", "id:secrét", "id:sec\u200bret", "id:\x00secret", "“id:secret”"]
)
def test_a_key_that_can_not_travel_is_an_error_that_does_not_show_it(key: str) -> None:
    """A key that was copied badly is told, with what to do, and without a character of it."""
    with pytest.raises(AccountError) as caught:
        checked_key({"FAL_KEY": key})
    assert str(caught.value) == (
        "FAL_KEY contains characters that are not allowed in a key; copy it again: "
        "set FAL_KEY (https://fal.ai/dashboard/keys) or run `fal auth login`"
    )


TEXTS = ["the key {} is wrong", "{}", "{}{}", "Authorization: Key {}\nretried with {}"]
SECRETS = [
    ({"FAL_KEY": KEY}, [KEY, "9f8e7d6c-secret"]),
    ({"FAL_KEY": f" {KEY} "}, [KEY, "9f8e7d6c-secret"]),
    ({"FAL_KEY": "one-long-key"}, ["one-long-key"]),
    ({"FAL_KEY_ID": "an-id", "FAL_KEY_SECRET": "the-secret"}, ["an-id:the-secret", "the-secret"]),
    ({"FAL_KEY": KEY, "FAL_FORCE_AUTH_BY_USER": "1"}, [KEY]),
]


@pytest.mark.parametrize(("environ", "secrets"), SECRETS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_loses_every_secret(text: str, environ: dict[str, str], secrets: list[str]) -> None:
    """Whether an answer repeats the key or only its secret half, nothing of it is left."""
    for secret in secrets:
        clean = redacted(text.format(secret, secret), environ)
        assert secrets[-1] not in clean
        assert "***" in clean
        assert clean.split("***")[0].startswith(text.split("{", maxsplit=1)[0])


def test_a_text_without_a_secret_stays_as_it_is() -> None:
    """Without a key, and with one that is too short to be told from a word, no text is touched."""
    text = "id: the key of a map is its secret"
    for environ in ({}, {"FAL_KEY": KEY}, {"FAL_KEY": ""}, {"FAL_KEY": ":"}, {"FAL_KEY": "id:key"}):
        assert redacted(text, environ) == text


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_whole_key_leaves_one_mark(hash_seed: str) -> None:
    """No half of a key is left, and the same text comes out of every process."""
    code = "from pelican_falhero.debug import redacted; print(redacted('wrong: id:the-secret'))"
    environ = os.environ | {"FAL_KEY": "id:the-secret", "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "wrong: ***\n"


def test_looking_for_credentials_does_not_import_fal_client() -> None:
    """Whether there is a key is found out without the weight of a client."""
    code = "from pelican_falhero.providers.fal.credentials import are_present\nare_present()"
    assert not {"fal_client", "httpx", "requests"} & modules_after(code)
