"""EC2 networking: who depends on whom; routes, endpoints and flow logs as AWS shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from .nat_gateway import gateways, holds, once

API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_"
ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
IDEMPOTENCY = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html"
VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"


def others(call: Call, service: str, of: str) -> list[Any]:
    """The `of` of another service's store; nothing while nobody has used that service."""
    loaded = f"moto.{service}.models" in sys.modules
    return list(getattr(call.backend(service), of).values()) if loaded else []


def dependent(what: str) -> AwsError:
    return AwsError("DependencyViolation", f"{what} has dependencies and cannot be deleted.")


@repair("ec2", ["CreateRouteTable", "CreateVpcEndpoint"], "a ClientToken makes one object", IDEMPOTENCY)
def client_token(call: Call) -> Any:
    return once(call, call.moto)


# --- VPC and subnets --------------------------------------------------------------------------------------------------


@repair(
    "ec2",
    "DetachInternetGateway",
    "refuses while public addresses are mapped in the VPC",
    API + "DetachInternetGateway.html",
)
def detach_internet_gateway(call: Call) -> Any:
    vpc = call.params["VpcId"]
    mapped = any(a.eni is not None and a.eni.subnet.vpc_id == vpc for a in call.backend().addresses)
    facing = any(b.vpc_id == vpc and b.scheme == "internet-facing" for b in others(call, "elbv2", "load_balancers"))
    if mapped or facing:
        raise AwsError(
            "DependencyViolation",
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
        )
    return call.forward()


@repair("ec2", "CreateVpc", "the default security group admits itself", VPC + "default-security-group.html")
def create_vpc(call: Call) -> Any:
    result = call.moto()
    filters = [{"Name": "vpc-id", "Values": [result["Vpc"]["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    for group in call.ask("ec2", "DescribeSecurityGroups", {"Filters": filters})["SecurityGroups"]:
        itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group["GroupId"]}]}
        call.ask("ec2", "AuthorizeSecurityGroupIngress", {"GroupId": group["GroupId"], "IpPermissions": [itself]})
    return result


@repair("ec2", "DeleteVpc", "refuses while gateways or security groups are left in it", API + "DeleteVpc.html")
def delete_vpc(call: Call) -> Any:
    vpc, backend = call.params["VpcId"], call.backend()
    attached = any(igw.vpc and igw.vpc.id == vpc for igw in backend.internet_gateways.values())
    groups = [group for group in backend.groups[vpc].values() if group.name != "default"]
    if attached or groups:
        raise dependent(f"The vpc '{vpc}'")
    return call.forward()


@repair("ec2", "DeleteSubnet", "refuses while a NAT gateway or load balancer is in it", API + "DeleteSubnet.html")
def delete_subnet(call: Call) -> Any:
    subnet = call.params["SubnetId"]
    gateway = any(eni.subnet.id == subnet and holds(call, eni) for eni in call.backend().enis.values())
    balancer = any(subnet in [one.id for one in b.subnets] for b in others(call, "elbv2", "load_balancers"))
    if gateway or balancer:
        raise dependent(f"The subnet '{subnet}'")
    return call.forward()


# --- security groups --------------------------------------------------------------------------------------------------


@repair("ec2", "CreateSecurityGroup", "refuses an unknown VPC", ERRORS)
def create_security_group(call: Call) -> Any:
    vpc = call.params.get("VpcId")
    if vpc and vpc not in call.backend().vpcs:
        raise AwsError("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist")
    return call.forward()


@repair(
    "ec2", "DeleteSecurityGroup", "refuses the default group, and one that is in use", API + "DeleteSecurityGroup.html"
)
def delete_security_group(call: Call) -> Any:
    id = call.params.get("GroupId")
    groups = [group for by_vpc in call.backend().groups.values() for group in by_vpc.values()]
    if any(group.id == id and group.name == "default" for group in groups):
        raise AwsError("CannotDelete", f'the specified group: "{id}" name: "default" cannot be deleted by a user')
    if any(id in used for used in uses(call, groups, id)):
        raise AwsError("DependencyViolation", f"resource {id} has a dependent object")
    return call.forward()


def uses(call: Call, groups: list[Any], id: str | None) -> Iterator[list[Any]]:
    for group in groups:
        if group.id != id:
            yield [rule.source_group.get("GroupId") for rule in [*group.ingress_rules, *group.egress_rules]]
    for balancer in others(call, "elbv2", "load_balancers"):
        yield list(balancer.security_groups)
    for instance in others(call, "rds", "databases"):
        yield list(instance.vpc_security_group_ids)


@repair(
    "ec2",
    ["RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"],
    "takes IPv6 ranges away too",
    API + "RevokeSecurityGroupEgress.html",
)
def revoke_ipv6(call: Call) -> Any:
    """moto drops IPv6 ranges from the request when the VPC has no IPv6 block; by rule id it removes them."""
    result = call.moto()
    wanted = [
        (permission["IpProtocol"], permission.get("FromPort"), permission.get("ToPort"), one["CidrIpv6"])
        for permission in call.params.get("IpPermissions") or []
        for one in permission.get("Ipv6Ranges") or []
    ]
    group = call.backend().get_security_group_from_id(call.params.get("GroupId"))
    rules = group.egress_rules if call.action.endswith("Egress") else group.ingress_rules
    rules[:] = [
        rule for rule in rules if (rule.ip_protocol, rule.from_port, rule.to_port, rule.cidr_ipv6) not in wanted
    ]
    return result


# --- routes, endpoints, flow logs -------------------------------------------------------------------------------------


@repair("ec2", ["CreateRoute", "ReplaceRoute"], "refuses an unknown or deleted NAT gateway", ERRORS)
def nat_route(call: Call) -> Any:
    id = call.params.get("NatGatewayId")
    if id and (id not in call.backend().nat_gateways or gateways(call.state).get(id, {}).get("State") == "deleted"):
        raise AwsError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{id}' does not exist")
    return call.forward()


@repair("ec2", "DescribeRouteTables", "a route to a deleted gateway is a blackhole", API + "Route.html")
def blackholes(call: Call) -> Any:
    result = call.moto()
    for table in result.get("RouteTables") or []:
        for route in table.get("Routes") or []:
            if gateways(call.state).get(route.get("NatGatewayId"), {}).get("State") == "deleted":
                route["State"] = "blackhole"
    return result


@repair("ec2", "DescribeRouteTables", "a filter fits any of its values", API + "Filter.html")
def of_any_subnet(call: Call) -> Any:
    by_subnet = [one["Values"] for one in call.params.get("Filters") or [] if one["Name"] == "association.subnet-id"]
    if not by_subnet:
        return call.forward()
    rest = [one for one in call.params["Filters"] if one["Name"] != "association.subnet-id"]
    result = call.moto({**call.params, "Filters": rest})
    for values in by_subnet:
        result["RouteTables"] = [
            table
            for table in result.get("RouteTables") or []
            if any(one.get("SubnetId") in values for one in table.get("Associations") or [])
        ]
    return result


@repair("ec2", "DescribeVpcEndpoints", "filters by id; deleted ones are gone", API + "DescribeVpcEndpoints.html")
def describe_vpc_endpoints(call: Call) -> Any:
    filters = call.params.get("Filters") or []
    ids = [value for one in filters if one["Name"] == "vpc-endpoint-id" for value in one["Values"]]
    rest = [one for one in filters if one["Name"] != "vpc-endpoint-id"]
    result = call.moto({**{k: v for k, v in call.params.items() if k != "Filters"}, "Filters": rest})
    live = [one for one in result.get("VpcEndpoints") or [] if one["State"].lower() != "deleted"]
    return {"VpcEndpoints": [one for one in live if not ids or one["VpcEndpointId"] in ids]}


@repair(
    "ec2",
    "ModifyVpcEndpoint",
    "writes the routes of a gateway endpoint into the tables",
    VPC.replace("userguide", "privatelink") + "gateway-endpoints.html",
)
def modify_vpc_endpoint(call: Call) -> Any:
    backend = call.backend()
    endpoint = backend.vpc_end_points.get(call.params["VpcEndpointId"])
    before = set(endpoint.route_table_ids) if endpoint else set()
    result = call.moto()
    if endpoint and endpoint.destination_prefix_list_id:
        for table in set(endpoint.route_table_ids) - before:
            backend.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=endpoint.destination_prefix_list_id
            )
        for table in before - set(endpoint.route_table_ids):
            backend.delete_route(table, endpoint.destination_prefix_list_id)
    return result


@repair("ec2", "DeleteVpcEndpoints", "lists what it could not delete", API + "DeleteVpcEndpoints.html")
def delete_vpc_endpoints(call: Call) -> Any:
    live = {id for id, one in call.backend().vpc_end_points.items() if one.state != "deleted"}
    unknown = [id for id in call.params["VpcEndpointIds"] if id not in live]
    call.moto({"VpcEndpointIds": [id for id in call.params["VpcEndpointIds"] if id in live]})
    message = "The Vpc Endpoint Id '{}' does not exist"
    return {"Unsuccessful": [failed("InvalidVpcEndpoint.NotFound", message, id) for id in unknown]}


def failed(code: str, message: str, id: str) -> dict[str, Any]:
    return {"ResourceId": id, "Error": {"Code": code, "Message": message.format(id)}}


@repair(
    "ec2",
    "CreateFlowLogs",
    "takes the ARN of a log group, which must exist; one per ClientToken",
    API + "CreateFlowLogs.html",
)
def create_flow_logs(call: Call) -> Any:
    def create() -> Any:
        arn = call.params.get("LogDestination", "")
        if not arn.startswith("arn:aws:logs:"):
            return call.moto()
        name = arn.split(":")[6]
        result = call.moto({**call.params, "LogGroupName": name})
        for id in result.get("FlowLogIds") or []:
            call.backend().flow_logs[id].log_group_name = name
        return result

    return once(call, create)


@repair("ec2", "DeleteFlowLogs", "lists what it could not delete", API + "DeleteFlowLogs.html")
def delete_flow_logs(call: Call) -> Any:
    unknown = [id for id in call.params["FlowLogIds"] if id not in call.backend().flow_logs]
    call.moto({"FlowLogIds": [id for id in call.params["FlowLogIds"] if id not in unknown]})
    message = "These flow log ids in the input list are not found: [TotalCount: 1] {}"
    return {"Unsuccessful": [failed("InvalidFlowLogId.NotFound", message, id) for id in unknown]}
