from cases import case, refused


@case
def a_dry_run_does_nothing(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    with refused("DryRunOperation"):
        aws.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, DryRun=True)
    assert aws.ec2.describe_nat_gateways()["NatGateways"] == []
