from cases import case, ordinary

TAGS = [{"Key": "tap:project", "Value": "tap"}]


def found(aws, **more):
    rows = aws.resourcegroupstaggingapi.get_resources(TagFilters=[{"Key": "tap:project", "Values": ["tap"]}], **more)
    return sorted(row["ResourceARN"] for row in rows["ResourceTagMappingList"])


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


@case
def addresses_and_endpoints_are_listed(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    address = aws.ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    aws.ec2.allocate_address(Domain="vpc")
    endpoint = aws.ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", TagSpecifications=tagged("vpc-endpoint")
    )["VpcEndpoint"]["VpcEndpointId"]
    here = "arn:aws:ec2:us-east-1:123456789012"
    assert found(aws) == [f"{here}:elastic-ip/{address}", f"{here}:vpc-endpoint/{endpoint}"]
    assert found(aws, ResourceTypeFilters=["ec2:elastic-ip"]) == [f"{here}:elastic-ip/{address}"]


@case
def repositories_pools_and_zones_are_listed(aws):
    repository = aws.ecr.create_repository(repositoryName="app", tags=TAGS)["repository"]["repositoryArn"]
    pool = aws.cognito_idp.create_user_pool(PoolName="users", UserPoolTags={"tap:project": "tap"})["UserPool"]["Arn"]
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]
    aws.route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=TAGS)
    assert found(aws) == sorted([repository, pool, f"arn:aws:route53:::hostedzone/{zone}"])


@case
def a_provider_is_listed(aws):
    arn = aws.iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=[],
        Tags=TAGS,
    )["OpenIDConnectProviderArn"]
    assert found(aws) == [arn]


@case
def subnet_groups_and_listeners_are_listed(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    aws.rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="d", SubnetIds=subnets, Tags=TAGS)
    balancer = aws.elbv2.create_load_balancer(Name="alb", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    redirect = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}]
    listener = aws.elbv2.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=redirect, Tags=TAGS
    )["Listeners"][0]["ListenerArn"]
    assert found(aws) == sorted(["arn:aws:rds:us-east-1:123456789012:subgrp:db", listener])


@ordinary
def what_moto_knows_is_listed_too(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    assert found(aws) == [f"arn:aws:ec2:us-east-1:123456789012:vpc/{vpc}"]


@case
def a_page_is_counted_in_resources(aws):
    more = [{"Key": f"key-{n}", "Value": "x"} for n in range(30)]
    specification = [{"ResourceType": "internet-gateway", "Tags": TAGS + more}]
    for _ in range(6):
        aws.ec2.create_internet_gateway(TagSpecifications=specification)
    assert len(found(aws, ResourcesPerPage=100)) == 6
