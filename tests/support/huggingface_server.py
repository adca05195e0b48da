"""A test double of Hugging Face: its hub, which knows where a model is drawn, and the router that draws.

The stages of a request are "status" (a look at the hub) and "submit", whose answer is the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fal_exchange import Door, Exchange, Fault, Recorded, Stage
from fal_pictures import render
from fal_schemas import Endpoint, Field, Price
from fal_server import FalServer
from fal_wire import Reply

MODEL = "black-forest-labs/FLUX.1-dev"
_SCHEMA = {
    "prompt": Field("text", required=True),
    "width": Field("whole", 1024),
    "height": Field("whole", 1024),
    "num_inference_steps": Field("whole", 28),
    "guidance_scale": Field("number", 3.5),
    "seed": Field("whole", nullable=True),
}


class HuggingFaceServer(FalServer):
    """Hugging Face on this machine, with one model."""

    endpoints: Mapping[str, Endpoint] = {MODEL: Endpoint(_SCHEMA, Price(0.02, "images"))}
    usd = 0.02
    """For a picture."""

    def __init__(self) -> None:
        """Make a server; entering it as a context starts it."""
        super().__init__()
        self.valid_keys = {"hf_test-key"}

    @property
    def source(self) -> str:
        """Source for ``Blog.configure`` that turns the client's router to this server."""
        template = f"https://{self.host}/{{provider}}"
        return f"import huggingface_hub.constants as hub; hub.INFERENCE_PROXY_TEMPLATE = {template!r}"

    def environment(self, key: str | None = "hf_test-key") -> dict[str, str]:
        """Return what turns the client to this server; `key` None: no credentials. There are none for fal."""
        return super().environment(key=None) | {
            "HF_TOKEN": key or "",
            "HF_ENDPOINT": f"https://{self.host}",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def arguments_in(self, recorded: Recorded) -> Any:
        """Return prompt and parameters."""
        return {"prompt": recorded.json["inputs"], **recorded.json.get("parameters", {})}

    def _route(self, method: str, path: str, door: Door) -> tuple[Stage, str | None, str | None]:
        if method == "POST" and path.startswith("/hf-inference/models/"):
            return "submit", path.removeprefix("/hf-inference/models/"), None
        return ("status" if path.startswith("/api/models/") else "unknown"), None, None

    def _status(self, exchange: Exchange) -> Reply:
        name = exchange.recorded.path.removeprefix("/api/models/")
        if name != MODEL:
            return Reply.of({"error": "Repository not found"}, 404, {"x-error-code": "RepoNotFound"})
        mapping = {"hf-inference": {"providerId": MODEL, "status": "live", "task": "text-to-image"}}
        return Reply.of({"id": MODEL, "pipeline_tag": "text-to-image", "inferenceProviderMapping": mapping})

    def _submit(self, exchange: Exchange) -> Reply:
        if exchange.recorded.authorization != "Bearer hf_test-key":
            return Reply.of({"error": "Invalid username or password."}, 401)
        with self._lock:
            job = self._order(exchange, "submit")
            self._accept(exchange, job)
        while not self._stopping.wait(0.002):
            with self._lock:
                self._runners.advance()
                if self._runners.state(job) == "COMPLETED":
                    break
        (picture,) = job.pictures.values()
        return Reply(200, {"content-type": "image/png"}, render(replace(picture, black=job.outcome.black)))

    def _frame(self, model: Endpoint, values: dict[str, Any]) -> tuple[int, int]:
        return int(values["width"]), int(values["height"])


def answers(status: int, message: str, **headers: str) -> Fault:
    """Do nothing and answer with an error."""
    reply = Reply.of({"error": message}, status).with_headers(**headers)
    return Fault(name=f"{status}", works=False, edit=lambda _reply, _exchange: reply)
