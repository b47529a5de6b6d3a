"""How a repair is written.

    @repair("ecs", "CreateService", "keeps deploymentConfiguration", "https://docs.aws.amazon.com/...")
    def create_service(call):
        result = call.moto()            # moto's answer, as a dict; AwsError if it refuses
        result["service"]["..."] = ...
        return result                   # a dict in the shape of the API's output

A repair may look at `call.params`, refuse with `raise AwsError(code, message)`, leave moto out, change what moto is
asked (`call.moto(params)`), ask moto something else (`call.ask("ec2", "DescribeVpcs", {...})`), keep facts in
`call.state` (a dict per service, emptied by a reset), and say `return call.forward()` to pass moto's answer on unread.
Several repairs of one action form a chain, the last one registered being the outermost; the action "*" stands for
all of a service's, around the others.
"""

from __future__ import annotations

import copy
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from . import repairs, wire
from .wire import Answer, AwsError

Result = dict[str, Any]
Handler = Callable[["Call"], "Result | Answer | None"]


@dataclass(frozen=True)
class Repair:
    service: str
    action: str
    summary: str
    aws_doc: str
    handler: Handler


REPAIRS: list[Repair] = []
SETTINGS: dict[str, Callable[[Result], Result | None]] = {}
STATE: defaultdict[str, dict[Any, Any]] = defaultdict(dict)


def repair(service: str, actions: str | Iterable[str], summary: str, aws_doc: str) -> Callable[[Handler], Handler]:
    """Registers a correction of moto's answer to `actions`; `aws_doc` is the AWS page that says what is right."""

    def register(handler: Handler) -> Handler:
        for action in [actions] if isinstance(actions, str) else actions:
            REPAIRS.append(Repair(service, action, summary, aws_doc, handler))
        return handler

    return register


def setting(name: str) -> Callable[[Callable[[Result], Result | None]], Any]:
    """Registers `POST /_tap/set/<name>`: what tests need and no AWS call can do from outside."""

    def register(handler: Callable[[Result], Result | None]) -> Any:
        SETTINGS[name] = handler
        return handler

    return register


def load() -> dict[tuple[str, str], list[Handler]]:
    """Every repair, by service and action, innermost first."""
    for module in pkgutil.iter_modules(repairs.__path__):
        importlib.import_module(f"{repairs.__name__}.{module.name}")
    found: defaultdict[tuple[str, str], list[Handler]] = defaultdict(list)
    for one in REPAIRS:
        found[one.service, one.action].append(one.handler)
    return found


class Call:
    """One request on its way to moto."""

    def __init__(self, asked: wire.Asked, environ: dict[str, Any], chain: list[Handler], aws: Any) -> None:
        assert asked.operation is not None
        self.asked, self.environ, self._chain, self._aws = asked, environ, chain, aws
        self.service, self.action, self.region = asked.service, asked.action, asked.region
        self.account = aws.account
        self.state = STATE[asked.service]
        self._params: Result | None = None

    @property
    def params(self) -> Result:
        """What was asked, named as in the API's model."""
        if self._params is None:
            self._params = wire.decode_request(self.asked, self.environ)
        return self._params

    @property
    def protocol(self) -> str:
        return wire.protocol_of(self.asked.operation, self.environ)

    @property
    def inside(self) -> bool:
        """Whether a repair asks, and no client."""
        return "tap.inside" in self.environ

    def header(self, name: str) -> str | None:
        return self.environ.get(f"HTTP_{name.upper().replace('-', '_')}")

    def forward(self) -> Answer:
        """The answer of the next repair in the chain, and in the end of moto."""
        if not self._chain:
            return self._aws.moto_answer(self.environ)
        inner = Call(self.asked, self.environ, self._chain[:-1], self._aws)
        inner._params = copy.deepcopy(self._params)
        return inner.encode(lambda: self._chain[-1](inner))

    def moto(self, params: Result | None = None) -> Result:
        """The same, decoded. With `params`, moto is asked these instead. Raises AwsError when refused."""
        if params is not None:
            environ = wire.encode_request(self.service, self.action, params, self.region)
            other = Call(self.asked, environ, self._chain, self._aws)
            other._params = params
            return wire.decode_answer(self.asked.operation, other.protocol, other.forward())
        return wire.decode_answer(self.asked.operation, self.protocol, self.forward())

    def ask(self, service: str, action: str, params: Result | None = None, region: str | None = None) -> Result:
        """The answer to another call, repaired, and not in the call log; in the same region unless told."""
        return self._aws.ask(service, action, params or {}, region or self.region)

    def backend(self, service: str | None = None) -> Any:
        """moto's own store for a service in this region."""
        from moto.backends import get_backend

        by_region = get_backend(service or self.service)[self.account]  # type: ignore[arg-type]
        return by_region[self.region] if self.region in by_region else by_region["aws"]

    def encode(self, handle: Callable[[], Result | Answer | None]) -> Answer:
        try:
            result = handle()
        except AwsError as refused:
            if refused.answer is not None:
                return refused.answer
            return wire.encode_answer(self.asked.operation, self.protocol, refused)
        return (
            result
            if isinstance(result, Answer)
            else wire.encode_answer(self.asked.operation, self.protocol, result or {})
        )
