"""The server of forks: what runs in one finds what it would find in a Python of its own."""

from __future__ import annotations

import pytest
from blog import Blog

HOSTS = (
    "import fal_client.client as c, huggingface_hub.constants as h;"
    "print(c.FAL_RUN_HOST, c.RUN_URL_FORMAT, c.QUEUE_URL_FORMAT, c.REALTIME_URL_FORMAT, h.ENDPOINT)"
)


@pytest.mark.parametrize(
    "variables",
    [{"FAL_RUN_HOST": "a.example", "HF_ENDPOINT": "https://h.example"}, {"FAL_QUEUE_RUN_HOST": "q.example"}],
)
def test_clients_have_the_hosts_of_the_environment(blog: Blog, variables: dict[str, str]) -> None:
    """Clients that were imported before there was a fork send to the hosts that the fork's own environment names."""
    assert blog.python(HOSTS, variables) == blog.python(HOSTS, variables, fresh=True)


def test_a_pythonpath_of_ones_own_is_not_the_builds(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests with a PYTHONPATH has builds run in forks all the same."""
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert "/elsewhere" not in blog.environment()["PYTHONPATH"]
