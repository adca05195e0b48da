"""How a guide draws pictures with fal_client: one after another, or all at once; a program that cold.py runs.

Neither asks what a picture costs, looks at what arrives, writes anything down or can go on where it was stopped.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import fal_client
import httpx

ENDPOINT = "fal-ai/flux/dev"


def draw_in_turn(folder: Path, heroes: int) -> None:
    """Draw one after another."""
    for number in range(heroes):
        drawn = fal_client.subscribe(ENDPOINT, arguments=_arguments(number))
        picture = httpx.get(drawn["images"][0]["url"]).raise_for_status()
        (folder / f"{number}.png").write_bytes(picture.content)


async def draw_at_once(folder: Path, heroes: int, concurrency: int) -> None:
    """Draw all, so many at a time."""
    free = asyncio.Semaphore(concurrency)

    async def draw(number: int, http: httpx.AsyncClient) -> None:
        async with free:
            drawn = await fal_client.subscribe_async(ENDPOINT, arguments=_arguments(number))
            picture = (await http.get(drawn["images"][0]["url"])).raise_for_status()
            (folder / f"{number}.png").write_bytes(picture.content)

    async with httpx.AsyncClient() as http:
        await asyncio.gather(*(draw(number, http) for number in range(heroes)))


def _arguments(number: int) -> dict[str, Any]:
    return {
        "prompt": f"Post {number}. Some words of the post. Cinematic lighting, professional photography, 8K",
        "image_size": "landscape_4_3",
        "num_inference_steps": 4,
        "guidance_scale": 3.5,
    }


def _main(way: str, folder: str, heroes: str, concurrency: str) -> None:
    if way == "in turn":
        draw_in_turn(Path(folder), int(heroes))
    else:
        asyncio.run(draw_at_once(Path(folder), int(heroes), int(concurrency)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
