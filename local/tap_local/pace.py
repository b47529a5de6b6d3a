"""What AWS takes minutes for, and for how long, when `set/pace` asks for it; else nothing takes any time.

    due = pace.due("nat-gateway")       # when it is created
    if pace.is_over(due): ...           # whenever somebody looks
"""

from __future__ import annotations

import time
from typing import Any

from .repair import STATE, setting

# Seconds, in the middle of what is usual, by kind of resource; local/README.md says where each is from.
USUAL = {
    "db-instance": 360,
    "db-instance-change": 300,
    "db-instance-gone": 300,
    "distribution": 240,
    "load-balancer": 150,
    "nat-gateway": 100,
    "nat-gateway-gone": 60,
    "service": 90,
    "certificate-validation": 60,
}


@setting("pace")
def set_pace(value: dict[str, Any]) -> dict[str, Any]:
    """{"scale": 0.05, "seconds": {"nat-gateway": 100, ...}}: from now on everything takes this share of its usual time
    (0: none), of `seconds` where that names it. {"still": true}: time passes only by {"advance": seconds}.
    Answers the seconds that each takes.
    """
    state = STATE["pace"]
    if unknown := set(value.get("seconds", {})) - set(USUAL):
        raise ValueError(f"nothing is known to take time as {sorted(unknown)[0]}; known: {', '.join(USUAL)}")
    if "scale" in value:
        state["scale"], state["usual"] = value["scale"], {**USUAL, **value.get("seconds", {})}
    state["still"] = value.get("still", state.get("still", False))
    state["ahead"] = state.get("ahead", 0) + value.get("advance", 0)
    usual, scale = state.get("usual", USUAL), state.get("scale", 0)
    return {"seconds": {what: seconds * scale for what, seconds in usual.items()}}


def now() -> float:
    state = STATE["pace"]
    return state.get("ahead", 0) + (0 if state.get("still") else time.monotonic())


def due(what: str) -> float | None:
    """When what begins now will be over; None when it takes no time."""
    scale = STATE["pace"].get("scale", 0)
    return now() + STATE["pace"]["usual"][what] * scale if scale else None


def is_over(due: float | None) -> bool:
    return due is None or now() >= due
