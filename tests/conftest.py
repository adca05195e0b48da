"""What all tests share: a blog in a temporary folder, a fal that answers on this machine, and no way to any other."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import processes
import pytest
from blog import Blog
from fal_server import FalServer
from guard import sitecustomize as guard  # importing it guards this process too
from huggingface_server import HuggingFaceServer
from openai_server import OpenAIServer
from replicate_server import ReplicateServer
from scripted_provider import ScriptedProvider

from pelican_falhero.providers.base import Deadline
from pelican_falhero.providers.cards import backgrounds, card, layout
from pelican_falhero.providers.cards.canvas import Canvas
from pelican_falhero.providers.cards.palette import Dice, choose_palette

NOT_OURS = (
    "FAL_",
    "FALHERO_",
    "REPLICATE_",
    "HF_",
    "OPENAI_",
    "CI",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NO_COLOR",
    "GIT_",
    "HTTP_PROXY",
    # What is imported from there is not what a fork has imported.
    "PYTHONPATH",
)
IS_ON_CI = bool(os.environ.get("CI"))
"""Read before tests have it taken away."""

# To look for garbage among all that is imported and collected takes a second in each of the processes.
gc.disable()


class Homes:
    """Homes and notes of tests. A home serves for the next test too if nothing was written into it: to make and to
    remove a folder takes longer than many a test.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = (folder / str(number) for number in itertools.count())
        self._home = folder / "none"

    def empty_home(self) -> Path:
        """A folder that is there and has nothing in it."""
        if not self._home.is_dir() or any(self._home.iterdir()):
            self._home = next(self._paths)
            self._home.mkdir()
        return self._home

    def note(self) -> Path:
        """The path of a file that is not there."""
        return next(self._paths)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory.mktemp("homes"))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _homes: Homes) -> Iterator[None]:
    """Tests see no key, no CI and no home of whoever runs them, and a try to reach the network fails them."""
    for name in list(os.environ):
        if name.startswith(NOT_OURS):
            monkeypatch.delenv(name)
    # Or a blog's settings, written twice in a second, are read as they were compiled the first time.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    home, attempts = _homes.empty_home(), _homes.note()
    monkeypatch.setenv("NETWORK_ATTEMPTS", str(attempts))
    monkeypatch.setenv("HOME", str(home))
    yield
    assert not attempts.exists(), f"a test tried to reach {attempts.read_text().split()}"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """An empty blog whose theme shows all that a template can know of a hero."""
    return Blog(tmp_path / "blog")


@pytest.fixture
def fal() -> Iterator[FalServer]:
    """A fal on this machine that counts what it would charge."""
    with FalServer() as server:
        yield server


@pytest.fixture
def replicate(blog: Blog) -> Iterator[ReplicateServer]:
    """A Replicate on this machine, which the blog is set to draw with."""
    blog.configure(FALHERO_PROVIDER="replicate")
    with ReplicateServer() as server:
        yield server


@pytest.fixture
def hugging_face(blog: Blog) -> Iterator[HuggingFaceServer]:
    """A Hugging Face on this machine, which the blog is set to draw with at a price."""
    with HuggingFaceServer() as server:
        blog.configure(server.source, FALHERO_PROVIDER="huggingface", FALHERO_PRICES={"dev": server.usd})
        yield server


@pytest.fixture
def own_server(blog: Blog) -> Iterator[OpenAIServer]:
    """A server of the author's own that speaks OpenAI's images API, which the blog is set to draw with."""
    with OpenAIServer() as server:
        blog.configure(FALHERO_PROVIDER="openai", FALHERO_BASE_URL=server.url, FALHERO_MODEL=server.model)
        yield server


@pytest.fixture
def provider() -> ScriptedProvider:
    """A provider in this process, which has not been asked for anything."""
    return ScriptedProvider()


@pytest.fixture
def plain_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards have a blend of two tones behind their words, which takes no time to paint."""

    def paint(seed: str, size: tuple[int, int], *, titled: bool = True) -> Canvas:
        canvas = Canvas(size, choose_palette(Dice(seed)), titled=titled)
        canvas.image = canvas.gradient(0.1, 0.5, 45)
        return canvas

    for module in (backgrounds, layout):
        monkeypatch.setattr(module, "paint_background", paint)


@pytest.fixture
def small_art(monkeypatch: pytest.MonkeyPatch) -> None:
    """Art is half as wide and high, at which it looks alike, and takes a quarter of the time to paint."""
    monkeypatch.setattr(card, "ART_SIZE", (card.ART_SIZE[0] // 2, card.ART_SIZE[1] // 2))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of a hero's job, in seconds; they take no time."""
    told: list[float] = []
    monkeypatch.setattr(Deadline, "pause", lambda deadline, seconds: told.append(seconds))
    return told


def pytest_configure(config: pytest.Config) -> None:
    """Have a worker use the server of forks that the others use."""
    if address := getattr(config, "workerinput", {}).get(guard.ADDRESS):
        processes.share(address)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server of forks is."""
    node.workerinput.update(processes.server_address())


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make, and nowhere else."""
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests in a browser where there is none, before any fixture starts it; CI is to have one."""
    if item.get_closest_marker("browser") and not shutil.which("chromium") and not IS_ON_CI:
        pytest.skip("no chromium on the PATH")
