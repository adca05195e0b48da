"""Servers that settings name by their address: what is accepted, what is one's own, what is an error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pelican_falhero import servers
from pelican_falhero.errors import SettingsError
from pelican_falhero.settings import Settings
from pelican_falhero.settings_reading import read_settings, with_provider

SERVER: dict[str, Any] = {"provider": "openai", "base_url": "http://localhost:8080/v1", "model": "flux.1-dev"}


def read(**values: Any) -> Settings:
    """The settings of a table with these."""
    return read_settings(values, root=Path(), prefix="")


def complaint(**values: Any) -> str:
    """What is said of settings that can't be used."""
    with pytest.raises(SettingsError) as caught:
        read(**values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "own_host", "is_at_home"),
    [
        ("http://localhost:8080/v1", "", True),
        ("http://127.0.0.1/v1", "", True),
        ("https://[::1]:8080/v1", "", True),
        ("http://gpu.lan:8080/v1", "gpu.lan", True),
        ("https://gpu.lan/v1", "other.lan", False),
        ("https://api.openai.com/v1", "", False),
        ("https://localhost.example.org/v1", "", False),
        ("", "", False),
    ],
)
def test_what_is_ones_own_machine(url: str, own_host: str, is_at_home: bool) -> None:
    """This machine is, by any of its names, and the host that the author calls so; nothing else."""
    assert servers.is_at_home(url, own_host) is is_at_home


@pytest.mark.parametrize(
    "value",
    [
        "localhost:8080",
        "ftp://a/v1",
        "http://",
        "http://me:key@a/v1",
        "https://a/v1?key=1",
        "http://a:port",
        7,
        "http://[",
    ],
)
def test_an_address_that_can_not_be_used_is_told(value: object) -> None:
    """An address without scheme or host, or with a key in it, is an error."""
    with pytest.raises(ValueError, match="must be"):
        servers.address(value)


def test_an_address_is_kept_without_a_slash_at_its_end() -> None:
    """Paths are put behind it."""
    assert servers.address(" https://api.openai.com/v1/ ") == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"base_url": ""}, 'base_url is needed: the address of the server, such as "http://localhost:8080/v1"'),
        ({"base_url": "http://gpu.lan/v1"}, 'if gpu.lan is your own, set insecure_host = "gpu.lan"'),
        ({"model": "fal-ai/flux/dev"}, "model must be a model of the image server (gpt-image-1, gpt-image-1-mini, or"),
        ({"api_key_name": "sk-12345"}, "must be the name of an environment variable such as"),
        ({"insecure_host": "http://gpu.lan"}, 'must be the name of a host such as "gpu.lan"'),
        ({"arguments": {"n": 2}}, "can't have n 2: only one picture of a request is used"),
        ({"arguments": {"stream": True}}, "can't have stream"),
        ({"loras": ["https://example.org/ink.safetensors"]}, "loras can't be used with the image server"),
    ],
)
def test_settings_that_fit_no_server_are_errors(changed: dict[str, Any], told: str) -> None:
    """What is missing, or would send a key or a prompt in the open, is told before anything is sent."""
    found = complaint(**SERVER | changed)
    assert told in found
    assert "sk-12345" not in found


def test_a_server_may_have_a_model_of_any_name() -> None:
    """A model's name at a server is the server's own, even where fal has one of that name."""
    assert read(**SERVER | {"model": "dev"}).model == "dev"
    assert read(model="dev").model == "fal-ai/flux/dev"


def test_ones_own_machine_draws_one_picture_at_a_time() -> None:
    """Unless the author says otherwise; a paid server draws as many as fal."""
    assert read(**SERVER).concurrency == 1
    assert read(**SERVER, concurrency=3).concurrency == 3
    assert read(**SERVER | {"base_url": "https://api.openai.com/v1"}).concurrency == 8


def test_an_option_of_the_command_brings_the_same_checks() -> None:
    """``--provider openai`` needs a server in the settings, and then draws with it as if they said so."""
    with pytest.raises(SettingsError, match="FALHERO_BASE_URL is needed"):
        with_provider(Settings(), "openai")
    changed = with_provider(read(**SERVER | {"provider": "fal", "model": "me/mine"}), "openai")
    assert (changed.provider, changed.concurrency, changed.draws_at_home) == ("openai", 1, True)
    assert with_provider(replace(changed, concurrency=4), "openai").concurrency == 4
