from cases import case, refused


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


@case
def a_nat_gateway_takes_its_time(aws):
    aws.set("nat-gateway", pendingReads=1, leavingReads=1)
    network = vpc(aws)
    gateway(aws, network)
    id, address = nat(aws, subnet(aws, network))
    assert [state(aws, id) for _ in range(2)] == ["pending", "available"]
    aws.ec2.delete_nat_gateway(NatGatewayId=id)
    with refused("AuthFailure"):
        aws.ec2.release_address(AllocationId=address)
    assert [state(aws, id) for _ in range(2)] == ["deleting", "deleted"]
    aws.ec2.release_address(AllocationId=address)


@case
def nat_gateways_are_found_by_tag(aws):
    network = vpc(aws)
    gateway(aws, network)
    tags = [{"ResourceType": "natgateway", "Tags": [{"Key": "a", "Value": "1"}]}]
    id, _ = nat(aws, subnet(aws, network), TagSpecifications=tags)
    for value, found in (("1", [id]), ("2", [])):
        said = aws.ec2.describe_nat_gateways(Filters=[{"Name": "tag:a", "Values": [value]}])
        assert [one["NatGatewayId"] for one in said["NatGateways"]] == found


@case
def without_an_internet_gateway_a_nat_gateway_fails(aws):
    id, _ = nat(aws, subnet(aws, vpc(aws)))
    assert state(aws, id) == "failed"


@case
def a_token_makes_one_nat_gateway(aws):
    network = vpc(aws)
    gateway(aws, network)
    zone = subnet(aws, network)
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    for _ in range(2):
        aws.ec2.create_nat_gateway(SubnetId=zone, AllocationId=address, ClientToken="t")
    assert len(aws.ec2.describe_nat_gateways()["NatGateways"]) == 1
    with refused("IdempotentParameterMismatch"):
        aws.ec2.create_nat_gateway(SubnetId=subnet(aws, network, "10.0.2.0/24"), AllocationId=address, ClientToken="t")


@case
def an_unknown_nat_gateway_is_refused(aws):
    with refused("NatGatewayNotFound"):
        aws.ec2.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0")
