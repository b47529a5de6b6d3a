from cases import case, ordinary, refused


def vpc(aws):
    return aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def subnet(aws, vpc, cidr="10.0.1.0/24"):
    return aws.ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]


def gateway(aws, vpc):
    igw = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    return igw


def nat(aws, subnet, **more):
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = aws.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **more)["NatGateway"]
    return made["NatGatewayId"], address


def state(aws, id):
    (found,) = aws.ec2.describe_nat_gateways(NatGatewayIds=[id])["NatGateways"]
    return found["State"]


def group(aws, vpc, name="one"):
    return aws.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]


@case
def a_token_makes_one_route_table(aws):
    network = vpc(aws)
    made = {aws.ec2.create_route_table(VpcId=network, ClientToken="t")["RouteTable"]["RouteTableId"] for _ in range(2)}
    assert len(made) == 1


@case
def a_deleted_nat_gateway_leaves_a_blackhole(aws):
    network = vpc(aws)
    gateway(aws, network)
    id, _ = nat(aws, subnet(aws, network))
    table = aws.ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": id}
    aws.ec2.create_route(**route)
    aws.ec2.delete_nat_gateway(NatGatewayId=id)
    assert state(aws, id) == "deleted"
    (found,) = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert [one["State"] for one in found["Routes"]] == ["active", "blackhole"]
    with refused("InvalidNatGatewayID.NotFound"):
        aws.ec2.replace_route(**route)


@case
def what_has_mapped_addresses_keeps_its_internet_gateway(aws):
    network = vpc(aws)
    igw = gateway(aws, network)
    id, _ = nat(aws, subnet(aws, network))
    with refused("DependencyViolation"):
        aws.ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=network)
    aws.ec2.delete_nat_gateway(NatGatewayId=id)
    aws.ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=network)


@case
def a_subnet_with_a_nat_gateway_stays(aws):
    network = vpc(aws)
    gateway(aws, network)
    zone = subnet(aws, network)
    id, _ = nat(aws, zone)
    with refused("DependencyViolation"):
        aws.ec2.delete_subnet(SubnetId=zone)
    aws.ec2.delete_nat_gateway(NatGatewayId=id)
    aws.ec2.delete_subnet(SubnetId=zone)


@case
def the_default_group_admits_itself_and_stays(aws):
    filters = [{"Name": "vpc-id", "Values": [vpc(aws)]}]
    (default,) = aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    assert default["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == default["GroupId"]
    with refused("CannotDelete"):
        aws.ec2.delete_security_group(GroupId=default["GroupId"])


@case
def a_vpc_with_a_group_stays(aws):
    network = vpc(aws)
    id = group(aws, network)
    with refused("DependencyViolation"):
        aws.ec2.delete_vpc(VpcId=network)
    aws.ec2.delete_security_group(GroupId=id)
    aws.ec2.delete_vpc(VpcId=network)


@case
def a_group_that_another_refers_to_stays(aws):
    network = vpc(aws)
    one, two = group(aws, network), group(aws, network, "two")
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": one}]}
    aws.ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=[rule])
    with refused("DependencyViolation"):
        aws.ec2.delete_security_group(GroupId=one)
    aws.ec2.revoke_security_group_ingress(GroupId=two, IpPermissions=[rule])
    aws.ec2.delete_security_group(GroupId=one)


@case
def a_group_of_an_unknown_vpc_is_refused(aws):
    with refused("InvalidVpcID.NotFound"):
        group(aws, "vpc-0123456789abcdef0")


@case
def an_ipv6_range_is_revoked(aws):
    id = group(aws, vpc(aws))
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    aws.ec2.authorize_security_group_egress(GroupId=id, IpPermissions=[rule])
    aws.ec2.revoke_security_group_egress(GroupId=id, IpPermissions=[rule])
    (found,) = aws.ec2.describe_security_groups(GroupIds=[id])["SecurityGroups"]
    assert [one["IpProtocol"] for one in found["IpPermissionsEgress"]] == ["-1"]


def endpoint(aws):
    network = vpc(aws)
    tables = [aws.ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"] for _ in range(2)]
    service = "com.amazonaws.us-east-1.s3"
    made = aws.ec2.create_vpc_endpoint(
        VpcId=network, ServiceName=service, VpcEndpointType="Gateway", RouteTableIds=tables[:1]
    )
    return made["VpcEndpoint"]["VpcEndpointId"], tables


def prefixes(aws, table):
    (found,) = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return [one["DestinationPrefixListId"] for one in found["Routes"] if "DestinationPrefixListId" in one]


@case
def a_gateway_endpoint_writes_routes(aws):
    id, tables = endpoint(aws)
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=id, AddRouteTableIds=tables[1:], RemoveRouteTableIds=tables[:1])
    assert [len(prefixes(aws, table)) for table in tables] == [0, 1]
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[id])
    assert prefixes(aws, tables[1]) == []


@case
def a_deleted_endpoint_is_gone(aws):
    id, _ = endpoint(aws)
    filters = [{"Name": "vpc-endpoint-id", "Values": [id]}]
    assert len(aws.ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]) == 1
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[id])
    assert aws.ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"] == []
    (failed,) = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[id])["Unsuccessful"]
    assert failed["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


def flow_log(aws, **more):
    aws.logs.create_log_group(logGroupName="/flow")
    return aws.ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc(aws)],
        TrafficType="REJECT",
        LogDestinationType="cloud-watch-logs",
        LogDestination="arn:aws:logs:us-east-1:123456789012:log-group:/flow",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow",
        **more,
    )["FlowLogIds"]


@case
def a_flow_log_goes_to_the_arn_of_a_group(aws):
    flow_log(aws)
    (found,) = aws.ec2.describe_flow_logs()["FlowLogs"]
    assert (found["DeliverLogsStatus"], found["LogGroupName"]) == ("SUCCESS", "/flow")


@case
def deleting_an_unknown_flow_log_is_no_error_of_the_call(aws):
    (failed,) = aws.ec2.delete_flow_logs(FlowLogIds=["fl-0123456789abcdef0"])["Unsuccessful"]
    assert failed["Error"]["Code"] == "InvalidFlowLogId.NotFound"


@ordinary
def a_flow_log_is_deleted(aws):
    aws.ec2.delete_flow_logs(FlowLogIds=flow_log(aws))
    assert aws.ec2.describe_flow_logs()["FlowLogs"] == []


@case
def a_filter_fits_any_of_its_values(aws):
    network = vpc(aws)
    tables = [aws.ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"] for _ in range(2)]
    subnets = [subnet(aws, network, f"10.0.{n}.0/24") for n in range(4)]
    for n, one in enumerate(subnets):
        aws.ec2.associate_route_table(RouteTableId=tables[n % 2], SubnetId=one)
    asked = [{"Name": "association.subnet-id", "Values": subnets[:2]}]
    found = aws.ec2.describe_route_tables(Filters=asked)["RouteTables"]
    assert sorted(one["RouteTableId"] for one in found) == sorted(tables)
