"""EC2, every action: a dry run asks for permission only."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

PARAMETERS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html"


@repair("ec2", "*", "DryRun changes nothing", PARAMETERS)
def dry_run(call: Call) -> Any:
    if b"DryRun=true" in call.environ["tap.body"]:
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    return call.forward()
