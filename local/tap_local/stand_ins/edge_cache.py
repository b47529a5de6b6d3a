"""CloudFront's cache, as one edge location that never drops anything before its time.

How long: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from ..repair import STATE, setting
from .http import Response


@setting("edge")
def set_edge(value: dict[str, Any]) -> None:
    """{"advance": seconds}: the edge's clock is that much later from now on, so that what it holds may expire."""
    STATE["edge"]["advance"] = STATE["edge"].get("advance", 0) + value["advance"]


@dataclass
class Held:
    """An answer of the origin, kept until `expires`."""

    response: Response
    since: float
    expires: float


def now() -> float:
    return time.time() + STATE["edge"].get("advance", 0)


def held() -> dict[tuple[str, str], Held]:
    """By distribution id and path, the path as it was sent."""
    return STATE["edge"].setdefault("held", {})


def look(id: str, path: str) -> Held | None:
    found = held().get((id, path))
    return found if found is not None and found.expires > now() else None


def hold(id: str, path: str, response: Response, seconds: float) -> None:
    if seconds > 0:
        held()[id, path] = Held(response, now(), now() + seconds)


def invalidate(id: str, paths: list[str]) -> None:
    """`*` at the end of a path stands for anything; elsewhere it is a character.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """
    for path in paths:
        path = path if path.startswith("/") else f"/{path}"
        for key in list(held()):
            fits = key[1].startswith(path[:-1]) if path.endswith("*") else key[1] == path
            if key[0] == id and fits:
                held().pop(key, None)


def seconds_to_hold(response: Response, policy: dict[str, Any]) -> float:
    """With a minimum above 0, no-cache, no-store and private mean that minimum."""
    least, most = policy.get("MinTTL", 0), policy.get("MaxTTL", 31536000)
    said = response.headers.get("cache-control", "").lower()
    if re.search(r"\b(no-cache|no-store|private)\b", said):
        return float(least)
    age = re.search(r"\bs-maxage=(\d+)", said) or re.search(r"\bmax-age=(\d+)", said)
    return float(min(max(int(age.group(1)) if age else policy.get("DefaultTTL", 86400), least), most))
