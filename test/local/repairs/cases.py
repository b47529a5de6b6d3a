"""Runs every case twice: on the local AWS, where it must pass, and on plain moto, where it must not.

A case that passes on plain moto means that moto has got it right by now, and the repair can go.
Prints one line of JSON per case: {"name", "repaired": error or null, "plain": error or null}.
Usage: python cases.py ENDPOINT PLAIN_ENDPOINT SERVICE...
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
import urllib.request
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CASES: list[tuple[Callable[[Any], None], bool]] = []


def case(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """What AWS does, and moto does not."""
    CASES.append((run, True))
    return run


def ordinary(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """What moto does as well, and a repair must not break."""
    CASES.append((run, False))
    return run


class Aws:
    """boto3 clients of one endpoint by attribute: aws.ec2, aws.cognito_idp."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __getattr__(self, service: str) -> Any:
        client = boto3.client(
            service.replace("_", "-"),
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        setattr(self, service, client)
        return client

    def post(self, what: str, value: Any = None) -> Any:
        request = urllib.request.Request(f"{self.endpoint}/_tap/{what}", json.dumps(value).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def set(self, what: str, **value: Any) -> Any:
        return self.post(f"set/{what}", value)


@contextmanager
def refused(code: str) -> Any:
    """The block must be refused by AWS with this error code."""
    try:
        yield
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, f"{code} expected, not {error}"
    else:
        raise AssertionError(f"{code} expected, and it was accepted")


def outcome(run: Callable[[Any], None], aws: Aws) -> str | None:
    aws.post("reset")
    try:
        run(aws)
    except Exception:
        return traceback.format_exc(limit=-2)
    return None


def main() -> None:
    warnings.simplefilter("ignore")
    sys.modules["cases"] = sys.modules["__main__"]
    beside = ThreadPoolExecutor(1)
    repaired, plain = Aws(sys.argv[1]), Aws(sys.argv[2])
    for service in sys.argv[3:]:
        importlib.import_module(service)
        for run, moto_errs in [one for one in CASES if one[0].__module__ == service]:
            name = f"{service}: {run.__name__.replace('_', ' ')}"
            on_plain = beside.submit(outcome, run, plain) if moto_errs else None
            line = {"name": name, "motoErrs": moto_errs, "repaired": outcome(run, repaired)}
            print(json.dumps({**line, "plain": on_plain.result() if on_plain else None}), flush=True)


if __name__ == "__main__":
    main()
