"""What makes moto slow, with every call or after every reset, done once."""

from __future__ import annotations

import copy
from typing import Any


def keep_managed_policies() -> None:
    """IAM's 1,500 managed policies are parsed by the first call of any service after a reset: copy them instead."""
    from moto.iam.models import IAMBackend

    load, loaded = IAMBackend._init_aws_policies, {}

    def init(self: Any) -> Any:
        key = self.partition, self.account_id
        if key not in loaded:
            loaded[key] = load(self)
        return [copy.copy(policy) for policy in loaded[key]]

    IAMBackend._init_aws_policies = init  # type: ignore[method-assign]


def list_modules_once() -> None:
    """moto reads its own folder twice per request to tell which services there are."""
    from moto import backends

    modules = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules  # type: ignore[assignment]
