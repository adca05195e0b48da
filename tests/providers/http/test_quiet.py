"""What HTTP libraries log: nothing about our own requests, and all about anybody else's."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

import pytest
from blog import Blog
from fal_exchange import Exchange, Fault
from fal_server import FalServer
from promises import assert_all_there, write_posts

from pelican_falhero.providers.http.quiet import quiet_libraries

NAMES = ["fal_client.client", "httpx", "urllib3.connectionpool", "urllib3.util.retry", "py.warnings"]
OTHER = """
    import logging
    from pelican import signals

    def register():
        signals.finalized.connect(warn)

    def warn(instance):
        for name in ("urllib3.connectionpool", "httpx", "fal_client.client"):
            logging.getLogger(name).warning("%s of another plugin", name)
"""


def odd_header() -> Fault:
    """A header without a name, which urllib3 warns of."""

    def edit(reply: Any, _exchange: Exchange) -> Any:
        return replace(reply, headers={**reply.headers, "": "nameless"})

    return Fault(name="odd header", edit=edit)


def in_a_thread(work: Any) -> None:
    """Do some work in a thread of its own."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_only_the_thread_that_calls_is_silenced(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """In one of our calls its thread logs nothing, in nested calls too; other threads and later records are heard."""
    log = logging.getLogger(name)
    before = vars(log) | {"filters": list(log.filters)}

    def call() -> None:
        with quiet_libraries():
            with quiet_libraries():
                log.warning("ours, nested")
            log.warning("ours")
            in_a_thread(lambda: log.warning("another's, of %s", name))
        log.warning("afterwards, of %s", name)

    with quiet_libraries():
        in_a_thread(call)
    assert caplog.messages == [f"another's, of {name}", f"afterwards, of {name}"]
    assert vars(log) == before


def test_a_logger_that_is_made_during_a_call_is_silenced_at_the_next(caplog: pytest.LogCaptureFixture) -> None:
    """httpcore is imported by the first request."""
    with quiet_libraries():
        log = logging.getLogger("httpcore.made_by_a_test")
        with quiet_libraries():
            log.warning("ours")
    assert caplog.messages == []


def test_another_plugin_is_heard_in_a_build_that_draws(blog: Blog, fal: FalServer) -> None:
    """What another plugin's urllib3, httpx or fal_client warns of is printed, and nothing of ours."""
    titles = write_posts(blog, 2)
    fal.faults.add("download", odd_header())
    (blog.root / "other.py").write_text(OTHER.replace("\n    ", "\n"))
    blog.configure(PLUGINS=["pelican_falhero", "other"], PLUGIN_PATHS=["."])
    # With the plain handler Python prints nothing of a library that has a handler of its own, as urllib3 has.
    built = blog.build("--log-handler", "rich", env=fal.environment())
    assert_all_there(blog, titles)
    for name in ("urllib3.connectionpool", "httpx", "fal_client.client"):
        assert f"{name} of another plugin" in built.output
    assert "Failed to parse headers" not in built.output


def test_an_odd_answer_loses_nothing_under_fatal_warnings(blog: Blog, fal: FalServer) -> None:
    """A warning of urllib3's about a picture's answer ends neither its download nor the build."""
    titles = write_posts(blog, 2)
    fal.faults.add("download", odd_header())
    assert blog.build("--fatal", "warnings", env=fal.environment()).code == 0
    assert_all_there(blog, titles)
    assert fal.charges == 2
