"""Faults on demand: refusals, lost answers, cut and hanging connections, slow answers, reads that lag behind writes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from . import wire
from .wire import Answer, AwsError

# What each service calls them: some have names of their own (the errors of their API reference), the others share AWS's
# common errors.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
KINDS = {
    "throttle": {
        "ec2": ("RequestLimitExceeded", 503),
        "s3": ("SlowDown", 503),
        "sns": ("Throttled", 429),
        "cognito-idp": ("TooManyRequestsException", 400),
        "json": ("ThrottlingException", 400),
        "": ("Throttling", 400),
    },
    "500": {
        "ec2": ("InternalError", 500),
        "s3": ("InternalError", 500),
        "json": ("InternalServerError", 500),
        "": ("InternalFailure", 500),
    },
    "503": {"ec2": ("Unavailable", 503), "s3": ("ServiceUnavailable", 503), "": ("ServiceUnavailable", 503)},
    "denied": {
        "ec2": ("UnauthorizedOperation", 403),
        "json": ("AccessDeniedException", 400),
        "": ("AccessDenied", 403),
    },
    "expired": {
        "ec2": ("RequestExpired", 400),
        "s3": ("ExpiredToken", 400),
        "json": ("ExpiredTokenException", 400),
        "": ("ExpiredToken", 403),
    },
}
CONNECTION = ("cut", "truncate", "hang")
OTHER = ("error", "slow", "stale")
TAKES = {
    "service",
    "action",
    "mutating",
    "attempts",
    "nth",
    "times",
    "kind",
    "when",
    "code",
    "message",
    "status",
    "delayMs",
    "reads",
}
LONGEST_HANG = 3600.0
STALE_READS = 3


class Past:
    """The account as it was before a write, for the next reads of the service."""

    def __init__(self, service: str, reads: int, copy: dict[str, Any]) -> None:
        self.service, self.left, self.endpoint, self._pid = service, reads, copy["endpoint"], copy["pid"]
        self.busy = 0

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


class Faults:
    def __init__(self, copy: Callable[[], dict[str, Any]]) -> None:
        """`copy` makes a second local AWS that goes on from here."""
        self._lock = threading.Lock()
        self._copy = copy
        self._pasts: list[Past] = []
        self.reset()

    def reset(self) -> None:
        if hasattr(self, "_over"):
            self._over.set()
        self._over = threading.Event()
        self._faults: list[dict[str, Any]] = []
        self._seen: list[int] = []
        self._struck = threading.Event()
        self._latency, self._by_action = 0.0, {}
        self._end_lasting()

    def _end_lasting(self) -> None:
        """Ends what goes on after the call that a fault struck."""
        self._slow = 0.0
        for past in self._pasts:
            past.end()
        self._pasts = []

    def set(self, faults: list[dict[str, Any]]) -> None:
        for fault in faults:
            if fault.get("kind") not in (*KINDS, *CONNECTION, *OTHER):
                raise ValueError(
                    f"kind must be one of {', '.join([*KINDS, *CONNECTION, *OTHER])}, not {fault.get('kind')}"
                )
            unknown = fault.keys() - TAKES
            if unknown:
                raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        with self._lock:
            self._over.set()
            self._over = threading.Event()
            self._faults, self._seen = faults, [0] * len(faults)
            self._end_lasting()
            self._struck = threading.Event()

    def set_latency(self, ms: float, by_action: dict[str, float]) -> None:
        self._latency, self._by_action = ms, by_action

    def struck(self) -> dict[str, bool]:
        """Answers when a fault has struck; one that lets AWS do the call first, when AWS has done it."""
        return {"struck": self._struck.wait(LONGEST_HANG)}

    def match(self, service: str, action: str, mutating: bool, attempt: int) -> dict[str, Any] | None:
        """The fault that this call runs into; every fault counts the calls that it matches. `attempt` from 1 on."""
        found = None
        with self._lock:
            for index, fault in enumerate(self._faults):
                about = {"service": service, "action": action, "mutating": mutating}
                if any(fault.get(name, is_) != is_ for name, is_ in about.items()):
                    continue
                if attempt > fault.get("attempts", attempt):
                    continue
                self._seen[index] += 1
                first, times = fault.get("nth", 1), fault.get("times", 1)
                if found is None and first <= self._seen[index] and (times == 0 or self._seen[index] < first + times):
                    found = fault
        return found

    def delay(self, service: str, action: str) -> None:
        ms = self._by_action.get(f"{service}:{action}", self._by_action.get(action, self._latency)) + self._slow
        if ms:
            time.sleep(ms / 1000)

    def past(self, service: str, mutating: bool) -> Past | None:
        """What this call is answered from because reads still lag; `read_from` must follow."""
        if mutating:
            return None
        with self._lock:
            for past in self._pasts:
                if past.service == service and past.left > 0:
                    past.left -= 1
                    past.busy += 1
                    return past
        return None

    def read_from(self, past: Past) -> None:
        with self._lock:
            past.busy -= 1
            self._end_if_read(past)

    def _end_if_read(self, past: Past) -> None:
        if past.left == 0 and past.busy == 0 and past in self._pasts:
            self._pasts.remove(past)
            past.end()

    def apply(
        self, fault: dict[str, Any], asked: wire.Asked, environ: dict[str, Any], answer: Callable[[], Answer]
    ) -> Answer | Iterable[bytes]:
        """The answer that the fault makes of it. `answer` does the work at AWS; it is not called for `before`."""
        over, struck = self._over, self._struck
        kind, after = fault["kind"], fault.get("when") == "after"
        if kind in ("slow", "stale"):
            return self._last(fault, asked, answer)
        real = answer() if after or kind == "truncate" else None
        struck.set()
        if fault.get("delayMs"):
            over.wait(fault["delayMs"] / 1000)
        if kind == "hang":
            over.wait(LONGEST_HANG)
        if kind in ("cut", "hang"):
            _hang_up(environ)
        if kind == "truncate" and real is not None:
            return Truncated(real, environ)
        protocol = wire.protocol_of(asked.operation, environ)
        return wire.encode_answer(asked.operation, protocol, _error(fault, asked.service, protocol))


    def _last(self, fault: dict[str, Any], asked: wire.Asked, answer: Callable[[], Answer]) -> Answer:
        """Nothing is wrong with this call, but with those that come after it."""
        if fault["kind"] == "slow":
            self._slow = fault.get("delayMs", 0)
        else:
            past = Past(asked.service, fault.get("reads", STALE_READS), self._copy())
            with self._lock:
                # Only what was before the last write counts.
                for other in [one for one in self._pasts if one.service == asked.service]:
                    other.left = 0
                    self._end_if_read(other)
                self._pasts.append(past)
        real = answer()
        self._struck.set()
        return real


class Truncated:
    """Half of an answer under the whole one's Content-Length."""

    def __init__(self, answer: Answer, environ: dict[str, Any]) -> None:
        self.answer, self._environ = answer, environ

    def __iter__(self) -> Any:
        yield self.answer.body[: len(self.answer.body) // 2]
        _hang_up(self._environ)


def _error(fault: dict[str, Any], service: str, protocol: str) -> AwsError:
    if fault["kind"] == "error":
        return AwsError(
            fault.get("code", "InternalFailure"), fault.get("message", "injected"), fault.get("status", 400)
        )
    names = KINDS[fault["kind"]]
    code, status = names.get(service) or names.get(protocol) or names[""]
    return AwsError(
        fault.get("code", code), fault.get("message", "injected by the local AWS"), fault.get("status", status)
    )


def _hang_up(environ: dict[str, Any]) -> None:
    connection: socket.socket = environ["werkzeug.socket"]
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    raise ConnectionAbortedError("fault")
