"""The call log: what was asked, in which order, with which arguments and outcome."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from typing import Any

from . import wire

READS = re.compile(
    "^(Describe|List|Get|Head|BatchGet|BatchCheck|Search|Lookup|Filter|Simulate|Test|Validate|Select|Query|Scan|Check|Admin(Get|List))"
)
LARGEST_KEPT = 256 * 1024
MOST_KEPT = 20_000


class Calls:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)
        self._seq = 0

    def clear(self) -> None:
        with self._lock:
            self._seq = 0
            self._calls.clear()

    def begin(self, asked: wire.Asked, environ: dict[str, Any]) -> dict[str, Any]:
        kept = len(environ["tap.body"]) <= LARGEST_KEPT and asked.action not in ("PutObject", "UploadPart")
        call = {
            "service": asked.service,
            "action": asked.action,
            "region": asked.region,
            "mutating": not READS.match(asked.action),
            "start": _now(),
            "end": None,
            "status": None,
            "error": None,
            "fault": None,
            "_asked": asked,
            "_environ": {**_request(environ), "tap.body": environ["tap.body"] if kept else b""},
        }
        with self._lock:
            self._seq += 1
            call["seq"] = self._seq
            self._calls.append(call)
        return call

    def end(self, call: dict[str, Any], answer: wire.Answer | None) -> None:
        call["end"] = _now()
        if answer is None:
            return
        call["status"] = answer.status
        if answer.status >= 400:
            call["error"] = _error_code(answer)

    def read(self, mutating: bool = False) -> list[dict[str, Any]]:
        """All, or only those that change something: to tell what was asked takes time."""
        with self._lock:
            calls = [call for call in self._calls if call["mutating"] or not mutating]
        return [self._readable(call) for call in calls]

    def _readable(self, call: dict[str, Any]) -> dict[str, Any]:
        if "params" not in call:
            asked, environ = call.pop("_asked"), call.pop("_environ")
            call["params"] = {}
            if asked.operation is not None:
                try:
                    call["params"] = wire.redacted(wire.decode_request(asked, environ), asked.operation.input_shape)
                except Exception as unreadable:
                    call["params"] = {"_unreadable": str(unreadable)}
        return {name: value for name, value in call.items() if not name.startswith("_")}


def _request(environ: dict[str, Any]) -> dict[str, Any]:
    """What the arguments can be read from later, without the connection."""
    return {
        name: value
        for name, value in environ.items()
        if name[:5] not in ("werkz", "wsgi.") or name == "wsgi.url_scheme"
    }


def _error_code(answer: wire.Answer) -> str | None:
    body = answer.body.decode("utf-8", "replace")
    try:
        said = json.loads(body)
        return str(said.get("__type") or said.get("code")).rpartition("#")[2]
    except (ValueError, AttributeError):
        found = re.search("<Code>(.*?)</Code>", body)
        return found.group(1) if found else None


def _now() -> float:
    return round(time.time() * 1000, 1)
