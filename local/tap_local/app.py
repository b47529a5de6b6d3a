"""The WSGI application: /_tap/ for whoever runs it, everything else for the repairs and moto."""

from __future__ import annotations

import inspect
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import repair, speed, wire
from .calls import Calls
from .faults import Faults, Truncated
from .wire import Answer, AwsError


class LocalAws:
    def __init__(self, repairs: bool) -> None:
        self.account = os.environ["MOTO_ACCOUNT_ID"]
        # Where the listeners are, once they are: endpoint, site, api.
        self.addresses: dict[str, str] = {}
        self.dies_with_parent = False
        speed.keep_managed_policies()
        speed.list_modules_once()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._repairs = repair.load() if repairs else {}
        self._calls, self._faults = Calls(), Faults(self._fork)
        # moto is not made for threads: of two racing conditional writes both could win.
        self.one_at_a_time = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        environ["tap.body"] = _read(environ)
        if path.startswith("/_tap/"):
            return self._send(self._control(environ["REQUEST_METHOD"], path[6:], environ["tap.body"]), start_response)
        if path == "/moto-api/reset":
            self.reset()
        if path.startswith("/moto-api"):
            return self._send(self.moto_answer(environ), start_response)
        return self._aws_call(environ, start_response)

    def _aws_call(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = wire.identify(environ)
        call = self._calls.begin(asked, environ)
        answer: Any = None
        try:
            known = asked.operation is not None
            attempt = wire.attempt_of(environ)
            fault = self._faults.match(asked.service, asked.action, call["mutating"], attempt) if known else None
            self._faults.delay(asked.service, asked.action)
            past = self._faults.past(asked.service, call["mutating"])
            if past is not None:
                call["fault"] = "stale"
                try:
                    answer = wire.forward(past.endpoint, environ)
                finally:
                    self._faults.read_from(past)
            elif fault is None:
                answer = self._answer(asked, environ)
            else:
                call["fault"] = fault["kind"]
                answer = self._faults.apply(fault, asked, environ, lambda: self._answer(asked, environ))
        finally:
            self._calls.end(call, answer.answer if isinstance(answer, Truncated) else answer)
        if isinstance(answer, Truncated):
            self._send(answer.answer, start_response)
            return answer
        return self._send(answer, start_response)

    def _answer(self, asked: wire.Asked, environ: dict[str, Any]) -> Answer:
        with self.one_at_a_time:
            if asked.operation is None:
                return self.moto_answer(environ)
            call = repair.Call(asked, environ, self._chain(asked), self)
            try:
                return call.forward()
            except NotImplementedError:
                # 501 rather than moto's page with 500, which SDKs retry.
                said = AwsError("NotImplemented", f"the local AWS does not know {asked.service} {asked.action}", 501)
            except Exception as bug:
                traceback.print_exc(file=sys.stderr)
                said = AwsError("InternalFailure", f"the local AWS failed in {asked.action}: {bug!r}", 500)
            return wire.encode_answer(asked.operation, call.protocol, said)

    def _chain(self, asked: wire.Asked) -> list[repair.Handler]:
        """Repairs of the action, and around them those of every action of the service."""
        return self._repairs.get((asked.service, asked.action), []) + self._repairs.get((asked.service, "*"), [])

    def moto_answer(self, environ: dict[str, Any]) -> Answer:
        """What moto says, read to its end."""
        started: list[Any] = []
        fresh = dict(environ, **{"wsgi.input": io.BytesIO(environ["tap.body"])})
        fresh["CONTENT_LENGTH"] = str(len(environ["tap.body"]))
        fresh.pop("HTTP_TRANSFER_ENCODING", None)
        parts = self._moto(fresh, lambda status, headers, *_: started.extend((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return Answer(int(started[0].split()[0]), list(started[1]), body)

    def ask(self, service: str, action: str, params: dict[str, Any], region: str) -> dict[str, Any]:
        environ = wire.encode_request(service, action, params, region)
        asked = wire.identify(environ)
        call = repair.Call(asked, environ, self._chain(asked), self)
        return wire.decode_answer(asked.operation, call.protocol, call.forward())

    def reset(self) -> None:
        from moto.moto_api._internal.models import moto_api_backend

        self._faults.reset()
        with self.one_at_a_time:
            moto_api_backend.reset()
            for state in repair.STATE.values():
                state.clear()
        self._calls.clear()

    def forget_calls(self) -> None:
        """In a copy of the process, where the threads that may hold their locks are no more."""
        self._calls, self._faults = Calls(), Faults(self._fork)

    def _control(self, method: str, what: str, body: bytes) -> Answer:
        try:
            value = json.loads(body) if body else {}
            result = self._controlled(method, what, value)
        except LookupError as unknown:
            return _json(404, {"error": f"not found: {unknown}"})
        except (ValueError, TypeError, AttributeError) as wrong:
            return _json(400, {"error": str(wrong)})
        except OSError as trouble:
            return _json(502, {"error": str(trouble)})
        return result if isinstance(result, Answer) else _json(200, result)

    def _controlled(self, method: str, what: str, value: Any) -> Any:
        if (method, what) == ("GET", ""):
            settings = {name: inspect.getdoc(setting) for name, setting in repair.SETTINGS.items()}
            repairs = [_described(one) for one in repair.REPAIRS]
            about = {"pid": os.getpid(), "account": self.account, "settings": settings, "repairs": repairs}
            return {**about, **self.addresses}
        if (method, what) == ("GET", "calls"):
            return self._calls.read()
        if (method, what) == ("GET", "calls/mutating"):
            return self._calls.read(mutating=True)
        if (method, what) == ("GET", "faults/struck"):
            return self._faults.struck()
        if method == "GET" and what.startswith("blobs/"):
            content = repair.STATE["ecr"].get("blobs", {})[what[6:]]
            return Answer(200, [("content-type", "application/octet-stream")], content)
        if method != "POST":
            raise LookupError(f"{method} /_tap/{what}")
        if what == "fork":
            return self._fork()
        if what.startswith("set/"):
            with self.one_at_a_time:
                return repair.SETTINGS[what[4:]](value) or {}
        commands = {
            "reset": self.reset,
            "faults": lambda: self._faults.set(value),
            "latency": lambda: self._faults.set_latency(value.get("ms", 0), value.get("byAction", {})),
            "calls/clear": self._calls.clear,
        }
        commands[what]()
        return {}

    def _fork(self) -> dict[str, Any]:
        from .serving import fork

        return fork(self)

    @staticmethod
    def _send(answer: Answer, start_response: Any) -> Iterable[bytes]:
        headers = [(name, value) for name, value in answer.headers if name.lower() != "transfer-encoding"]
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("content-length", str(len(answer.body))))
        start_response(f"{answer.status} -", headers)
        return [answer.body]


def _read(environ: dict[str, Any]) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _described(one: repair.Repair) -> dict[str, str]:
    return {"service": one.service, "action": one.action, "summary": one.summary, "awsDoc": one.aws_doc}


def _json(status: int, value: Any) -> Answer:
    text = json.dumps(value, default=lambda other: other.isoformat() if isinstance(other, datetime) else str(other))
    return Answer(status, [("content-type", "application/json")], text.encode())
