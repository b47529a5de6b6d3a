"""NAT gateways that take their time, hold their address, and are made once per token."""

from __future__ import annotations

from typing import Any

from .. import pace
from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_"


def once(call: Call, again: Any) -> Any:
    """The first answer to a ClientToken, or `again()`; the same token for something else is refused."""
    token = call.params.get("ClientToken")
    tokens = call.state.setdefault("tokens", {})
    if not token:
        return again()
    asked, answer = tokens.get((call.action, token), (None, None))
    if asked is None:
        answer = again()
        tokens[call.action, token] = (call.params, answer)
    elif asked != call.params:
        raise AwsError(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return answer


@setting("nat-gateway")
def set_nat_gateway(value: dict[str, Any]) -> None:
    """{"pendingReads": n, "leavingReads": n}: from now on a gateway is pending, or deleting, for n reads.
    {"id", "state", "failureCode", "failureMessage"}: puts one gateway into a state.
    """
    state = STATE["ec2"]
    for name in ("pendingReads", "leavingReads"):
        state[name] = value.get(name, state.get(name, 0))
    if "id" in value:
        fields = {"State": "state", "FailureCode": "failureCode", "FailureMessage": "failureMessage"}
        gateways(state)[value["id"]] = {name: value[key] for name, key in fields.items() if key in value}


def gateways(state: dict[Any, Any]) -> dict[str, dict[str, Any]]:
    """What is shown of a gateway beyond moto's own, by id; `then`: the state after so many `reads`, when it is `due`."""
    return state.setdefault("gateways", {})


@repair(
    "ec2",
    "CreateNatGateway",
    "pending at first, one per ClientToken, fails without an internet gateway",
    API + "CreateNatGateway.html",
)
def create_nat_gateway(call: Call) -> Any:
    def create() -> Any:
        result = call.moto()
        gateway = result["NatGateway"]
        vpc = gateway["VpcId"]
        shown = {"State": "pending", "reads": call.state.get("pendingReads", 0), "then": {"State": "available"}}
        shown["due"] = pace.due("nat-gateway")
        if not any(igw.vpc and igw.vpc.id == vpc for igw in call.backend().internet_gateways.values()):
            shown["then"] = {
                "State": "failed",
                "FailureCode": "Gateway.NotAttached",
                "FailureMessage": f"Network {vpc} has no Internet gateway attached",
            }
        gateways(call.state)[gateway["NatGatewayId"]] = shown
        gateway["State"] = "pending"
        return result

    return once(call, create)


@repair(
    "ec2",
    "DescribeNatGateways",
    "filters by tag; shows the states one after the other",
    API + "DescribeNatGateways.html",
)
def describe_nat_gateways(call: Call) -> Any:
    filters = call.params.get("Filter") or []
    by_tag = [one for one in filters if one["Name"].startswith("tag:")]
    states = [value for one in filters if one["Name"] == "state" for value in one["Values"]]
    rest = [one for one in filters if one not in by_tag and one["Name"] != "state"]
    result = call.moto({"NatGatewayIds": call.params.get("NatGatewayIds") or [], "Filter": rest})
    found = []
    for gateway in result.get("NatGateways") or []:
        tags = {tag["Key"]: tag["Value"] for tag in gateway.get("Tags") or []}
        if not all(tags.get(one["Name"][4:]) in one["Values"] for one in by_tag):
            continue
        shown = gateways(call.state).get(gateway["NatGatewayId"], {})
        if "then" in shown:
            if shown["reads"] > 0:
                shown["reads"] -= 1
            elif pace.is_over(shown["due"]):
                shown = gateways(call.state)[gateway["NatGatewayId"]] = shown["then"]
                if shown["State"] == "deleted":
                    let_go(call, gateway["NatGatewayId"])
        gateway.update({name: value for name, value in shown.items() if name not in ("reads", "then", "due")})
        for address in gateway.get("NatGatewayAddresses") or []:
            address["IsPrimary"] = True
        if not states or gateway["State"] in states:
            found.append(gateway)
    return {"NatGateways": found}


@repair(
    "ec2",
    "DeleteNatGateway",
    "deleting at first, then lets go of its address; unknown ones are refused",
    API + "DeleteNatGateway.html",
)
def delete_nat_gateway(call: Call) -> Any:
    id = call.params["NatGatewayId"]
    if id not in call.backend().nat_gateways:
        raise AwsError("NatGatewayNotFound", f"NAT gateway {id} was not found")
    reads, due = call.state.get("leavingReads", 0), pace.due("nat-gateway-gone")
    gateways(call.state)[id] = {"State": "deleting", "reads": reads, "due": due, "then": {"State": "deleted"}}
    result = call.moto()
    if reads == 0 and due is None:
        let_go(call, id)
    return result


def let_go(call: Call, id: str) -> None:
    backend = call.backend()
    gateway = backend.nat_gateways[id]
    for address in backend.addresses:
        if address.eni is not None and address.eni.id == gateway._eni.id:
            address.eni = address.association_id = None
    backend.enis.pop(gateway._eni.id, None)


def holds(call: Call, eni: Any) -> bool:
    return any(gateway._eni.id == eni.id for gateway in call.backend().nat_gateways.values())


@repair("ec2", "ReleaseAddress", "refuses while the address is in use", API + "ReleaseAddress.html")
def release_address(call: Call) -> Any:
    for address in call.backend().addresses:
        if address.allocation_id == call.params.get("AllocationId") and address.eni is not None:
            if holds(call, address.eni):
                raise AwsError("AuthFailure", "You do not have permission to access the specified resource.")
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return call.forward()
