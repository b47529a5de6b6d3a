"""Fargate: CPU and memory come in pairs."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

PAIRS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"
GB = 1024
# CPU units -> MiB: from, to, step.
MEMORY = {
    256: [512, GB, 2 * GB],
    512: range(GB, 4 * GB + 1, GB),
    1024: range(2 * GB, 8 * GB + 1, GB),
    2048: range(4 * GB, 16 * GB + 1, GB),
    4096: range(8 * GB, 30 * GB + 1, GB),
    8192: range(16 * GB, 60 * GB + 1, 4 * GB),
    16384: range(32 * GB, 120 * GB + 1, 8 * GB),
}


@repair("ecs", "RegisterTaskDefinition", "refuses pairs of CPU and memory that Fargate does not have", PAIRS)
def fargate_pairs(call: Call) -> Any:
    asked = call.params
    if "FARGATE" in (asked.get("requiresCompatibilities") or []):
        cpu, memory = asked.get("cpu") or "", asked.get("memory") or ""
        if not cpu or not memory:
            raise AwsError("ClientException", "Fargate requires that 'cpu' and 'memory' be defined at the task level.")
        if cpu.isdigit() and memory.isdigit() and int(memory) not in MEMORY.get(int(cpu), ()):
            said = f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
            raise AwsError("ClientException", said)
        if asked.get("networkMode") != "awsvpc":
            raise AwsError("ClientException", "Fargate only supports network mode 'awsvpc'.")
    return call.forward()
