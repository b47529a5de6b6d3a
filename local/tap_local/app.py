"""The WSGI application: /_tap/ for the tests, everything else for moto."""

from __future__ import annotations

import json
import os
from typing import Any


class LocalAws:
    def __init__(self, repairs: bool) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == "/_tap/reset":
            from moto.moto_api._internal.models import moto_api_backend

            moto_api_backend.reset()
            return self.json(start_response, {})
        if path == "/_tap/":
            return self.json(start_response, {"pid": os.getpid()})
        return self.moto(environ, start_response)

    def json(self, start_response: Any, value: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "application/json")])
        return [json.dumps(value).encode()]
