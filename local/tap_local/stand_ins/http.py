"""The listeners of the stand-ins."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from werkzeug.serving import WSGIRequestHandler, make_server


REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass
class Request:
    """`path` as it was sent, percent-encoded; `host` without the port."""

    method: str
    host: str
    path: str
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """The path without its slash and percent signs: an object's key."""
        return unquote(self.path[1:])


@dataclass
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class _Handler(WSGIRequestHandler):
    # As in __main__: Nagle's algorithm would hold the last write back.
    disable_nagle_algorithm = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the server's own headers: a stand-in sends those of what it stands for."""
        self.send_response_only(code, message)


def serve(
    answer: Callable[[Request], Response], port: int, tls: ssl.SSLContext | None = None
) -> str:
    """Answers on 127.0.0.1 in threads of its own. Returns the URL."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = _request(environ)
        response = answer(request)
        headers = {"content-length": str(len(response.body)), **response.headers}
        start_response(f"{response.status} {REASONS.get(response.status, '-')}", list(headers.items()))
        return [b"" if request.method == "HEAD" or response.status == 304 else response.body]

    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler, ssl_context=tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"{'https' if tls else 'http'}://127.0.0.1:{server.port}"


def _request(environ: dict[str, Any]) -> Request:
    headers = {
        name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")
    }
    host = headers.get("host", "").rpartition(":")[0] if ":" in headers.get("host", "") else headers.get("host", "")
    return Request(environ["REQUEST_METHOD"], host.lower(), environ["REQUEST_URI"].split("?")[0], headers)
