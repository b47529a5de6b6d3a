"""States that only AWS brings about: being deleted for a while, or failed."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting

# Which states there are is in the type of each object, such as NatGateway, Cluster or LoadBalancerState.
API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html"


@setting("shown")
def set_shown(value: dict[str, Any]) -> None:
    """{"service", "list", "id", "values", "reads"?, "afterwards"?, "until"?}: the item of an answer's list (or the answer's only one) that has this id among its values shows these values instead.
    For n reads, and then "afterwards" {"action", "params"} happens; or until the service is asked to do "until", an action.
    """
    STATE[value["service"]].setdefault("overlays", []).append(value)


@repair("ec2", "*", "shows states that a test has set", API)
@repair("ecs", "*", "shows states that a test has set", API)
@repair("elbv2", "*", "shows states that a test has set", API)
@repair("cognito-idp", "*", "shows states that a test has set", API)
def show(call: Call) -> Any:
    overlays = call.state.get("overlays")
    if not overlays or call.inside:
        return call.forward()
    overlays[:] = [one for one in overlays if one.get("until") != call.action]
    if not call.action.startswith("Describe"):
        return call.forward()
    result = call.moto()
    for overlay in list(overlays):
        items = result.get(overlay["list"]) or []
        shown = [item for item in ([items] if isinstance(items, dict) else items) if overlay["id"] in item.values()]
        for item in shown:
            item.update(overlay["values"])
        if shown and "reads" in overlay:
            overlay["reads"] -= 1
            if overlay["reads"] <= 0:
                overlays.remove(overlay)
                if last := overlay.get("afterwards"):
                    call.ask(call.service, last["action"], last["params"])
    return result
