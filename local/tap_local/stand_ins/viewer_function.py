"""Runs the published code of a CloudFront Function on viewer request, in Node.js."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

from ..repair import STATE
from .http import Request, Response

EVENT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html"


class NoNode(Exception):
    """There is no Node.js to run it."""


class FunctionFailed(Exception):
    """The code threw, took too long, or returned something else than a request or a response."""


_lock = threading.Lock()
_process: subprocess.Popen[str] | None = None


def run(arn: str, request: Request) -> Response | None:
    """Changes the request's path as the function says, or returns its answer instead."""
    code = next(
        (
            one["live"]["code"]
            for one in STATE["cloudfront"].get("functions", {}).values()
            if one["arn"] == arn and one["live"]
        ),
        None,
    )
    if code is None:
        raise FunctionFailed("it is not published")
    headers = {name: {"value": value} for name, value in request.headers.items()}
    asked = {"method": request.method, "uri": request.path, "querystring": {}, "headers": headers, "cookies": {}}
    event = {"version": "1.0", "context": {"eventType": "viewer-request"}, "viewer": {"ip": "127.0.0.1"}, "request": asked}
    result = _ask({"code": code.decode() if isinstance(code, bytes) else code, "event": event})
    if "statusCode" in result:
        said = {name.lower(): one["value"] for name, one in result.get("headers", {}).items()}
        body = result.get("body", "")
        return Response(result["statusCode"], said, (body["data"] if isinstance(body, dict) else body).encode())
    if not str(result.get("uri", "")).startswith("/"):
        raise FunctionFailed("it returned neither a response nor a request with a uri that begins with /")
    request.path = result["uri"]
    return None


def _ask(question: dict[str, Any]) -> dict[str, Any]:
    global _process
    with _lock:
        if _process is None or _process.poll() is not None:
            node = shutil.which("node")
            if node is None:
                raise NoNode("the distribution has a CloudFront function, and there is no node here to run it")
            # It ends when its stdin closes, and so with us.
            script = str(Path(__file__).with_suffix(".mjs"))
            plain = {"PATH": os.environ.get("PATH", "")}
            _process = subprocess.Popen(
                [node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=plain
            )
        assert _process.stdin is not None and _process.stdout is not None
        _process.stdin.write(json.dumps(question) + "\n")
        _process.stdin.flush()
        answer = json.loads(_process.stdout.readline() or '{"error": "node ended"}')
    if "error" in answer:
        raise FunctionFailed(answer["error"])
    return answer["result"] or {}
