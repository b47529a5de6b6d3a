"""A stand-in for the load balancer and the application behind it. No container runs: it answers what a healthy one would.

While a service has a healthy task in a target group, its health path answers 200 and says which image serves;
otherwise the load balancer answers 503.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from typing import Any

from ..repair import STATE, setting
from .http import Request, Response

UNAVAILABLE = b"""<html>\r
<head><title>503 Service Temporarily Unavailable</title></head>\r
<body>\r
<center><h1>503 Service Temporarily Unavailable</h1></center>\r
</body>\r
</html>\r
"""


@setting("api")
def set_api(value: dict[str, Any]) -> None:
    """{"path": "/health", "status": 200, "body": any JSON or text, "delayMs": 0, "image": digest}: what the API answers
    from now on, with `image` only while that one serves; the latest that fits counts. Or {"service": name}: whose tasks
    answer, when several have some.
    """
    if "service" in value:
        STATE["api"]["service"] = value["service"]
        return
    if not value["path"].startswith("/"):
        raise ValueError(f"a path begins with /, not {value['path']}")
    STATE["api"].setdefault("rules", []).append(value)


def serving() -> list[dict[str, Any]]:
    """The healthy tasks in target groups, each {service, image, revision, task, health: path}. All that is read of ECS."""
    found = []
    for task in list(STATE["ecs"].get("tasks", {}).values()):
        health = (task.get("_target") or {}).get("State")
        if task["lastStatus"] != "RUNNING" or health != "healthy":
            continue
        for group, port in task.get("_targets", {}).items():
            containers = task["_definition"]["containerDefinitions"]
            holds = [one for one in containers if port in [at.get("containerPort") for at in one.get("portMappings", [])]]
            image = (holds or containers)[0]["image"]
            found.append(
                {
                    "service": task["_service"].rpartition("/")[2],
                    "image": image.partition("@")[2] or image,
                    "revision": task["taskDefinitionArn"].rpartition("/")[2],
                    "task": task["taskArn"].rpartition("/")[2],
                    "health": _health_path(group),
                }
            )
    return found


def _health_path(group: str) -> str | None:
    from moto.elbv2.models import elbv2_backends

    account, region = group.split(":")[4], group.split(":")[3]
    found = elbv2_backends[account][region].target_groups.get(group)
    return (found.health_check_path or "/") if found is not None and found.load_balancer_arns else None


class Api:
    def __init__(self, one_at_a_time: threading.RLock) -> None:
        self._one_at_a_time, self._turn = one_at_a_time, itertools.count()

    def __call__(self, request: Request) -> Response:
        chosen = STATE["api"].get("service")
        with self._one_at_a_time:
            tasks = serving()
        behind = [one for one in tasks if one["health"] and chosen in (None, one["service"])]
        if not behind:
            return Response(503, {"server": "awselb/2.0", "content-type": "text/html"}, UNAVAILABLE)
        services = sorted({one["service"] for one in behind})
        if len(services) > 1:
            return _json(421, {"error": f"several services run: set/api {{\"service\": one of {', '.join(services)}}}"})
        # During a roll-out old and new tasks take turns, as they do behind a load balancer.
        task = behind[next(self._turn) % len(behind)]
        rule = _rule(request.path, task["image"])
        time.sleep(rule.get("delayMs", 0) / 1000)
        if not rule and request.path not in ("/health", task["health"]):
            answer = _json(404, {"detail": "Not Found"})
        else:
            answer = _json(rule.get("status", 200), rule.get("body", {"status": "ok"}))
        answer.headers.update(
            {
                "x-tap-local-image": task["image"],
                "x-tap-local-revision": task["revision"],
                "x-tap-local-task": task["task"],
            }
        )
        return answer


def _rule(path: str, image: str) -> dict[str, Any]:
    rules = STATE["api"].get("rules", [])
    fits = [one for one in rules if one["path"] == path and one.get("image") in (None, image)]
    return fits[-1] if fits else {}


def _json(status: int, value: Any) -> Response:
    if isinstance(value, str):
        return Response(status, {"content-type": "text/plain; charset=utf-8"}, value.encode())
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())
