"""huggingface_hub's client, which tells whether it has sent a request."""

from __future__ import annotations

from typing import Any

from huggingface_hub import InferenceClient


class OnceClient(InferenceClient):
    """For one request. Before it, the client may look the model up on huggingface.co, which costs nothing."""

    has_sent = False
    """Whether the request may have been sent."""

    def _inner_post(self, *arguments: Any, **options: Any) -> Any:
        # Called once for each task; what follows it may still fail.
        self.has_sent = True
        return super()._inner_post(*arguments, **options)
