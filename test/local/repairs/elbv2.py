import json

from cases import case, ordinary, refused


def network(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("ab")
    ]
    return vpc, subnets


def balancer(aws, subnets, **more):
    return aws.elbv2.create_load_balancer(Name="alb", Subnets=subnets, **more)["LoadBalancers"][0]


def listen(aws, arn, **redirect):
    action = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301", **redirect},
    }
    return aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])[
        "Listeners"
    ][0]


@case
def the_same_load_balancer_again_is_the_first_one(aws):
    _, subnets = network(aws)
    first = balancer(aws, subnets)
    assert balancer(aws, subnets)["LoadBalancerArn"] == first["LoadBalancerArn"]
    with refused("DuplicateLoadBalancerName"):
        balancer(aws, subnets, Scheme="internal")
    assert first["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"


@case
def a_load_balancer_wants_two_zones(aws):
    with refused("ValidationError"):
        balancer(aws, network(aws)[1][:1])


@case
def a_protected_load_balancer_stays(aws):
    arn = balancer(aws, network(aws)[1])["LoadBalancerArn"]
    on = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    with refused("OperationNotPermitted"):
        aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)


@case
def attributes_show_their_defaults(aws):
    arn = balancer(aws, network(aws)[1])["LoadBalancerArn"]
    shown = {
        a["Key"]: a["Value"] for a in aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    }
    assert shown["routing.http.drop_invalid_header_fields.enabled"] == "false"
    assert shown["idle_timeout.timeout_seconds"] == "60"


@case
def access_logs_want_a_bucket_with_a_policy(aws):
    arn = balancer(aws, network(aws)[1])["LoadBalancerArn"]
    logs = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "logs"}]
    aws.s3.create_bucket(Bucket="logs")
    with refused("InvalidConfigurationRequest"):
        aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=logs)
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/AWSLogs/123456789012/*",
    }
    aws.s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=logs)


@case
def a_redirect_shows_its_defaults(aws):
    arn = balancer(aws, network(aws)[1])["LoadBalancerArn"]
    listen(aws, arn)
    shown = aws.elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["DefaultActions"][0]["RedirectConfig"]
    assert (shown["Host"], shown["Path"], shown["Query"]) == ("#{host}", "/#{path}", "#{query}")
    assert (shown["Protocol"], shown["Port"]) == ("HTTPS", "443")


@case
def a_port_has_one_listener(aws):
    vpc, subnets = network(aws)
    arn = balancer(aws, subnets)["LoadBalancerArn"]
    assert listen(aws, arn)["ListenerArn"] == listen(aws, arn)["ListenerArn"]
    group = aws.elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=8000, VpcId=vpc, TargetType="ip")[
        "TargetGroups"
    ][0]
    with refused("DuplicateListener"):
        forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
        aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)


@case
def a_listener_wants_an_issued_certificate(aws):
    vpc, subnets = network(aws)
    group = aws.elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=8000, VpcId=vpc, TargetType="ip")[
        "TargetGroups"
    ][0]
    certificate = aws.acm.request_certificate(DomainName="example.com", ValidationMethod="DNS")["CertificateArn"]
    want = dict(
        LoadBalancerArn=balancer(aws, subnets)["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )
    with refused("UnsupportedCertificate"):
        aws.elbv2.create_listener(**want)
    aws.set("certificate", arn=certificate, status="ISSUED")
    aws.elbv2.create_listener(**want)


@case
def the_same_target_group_again_is_the_first_one(aws):
    vpc, _ = network(aws)
    make = lambda port: aws.elbv2.create_target_group(
        Name="tg", Protocol="HTTP", Port=port, VpcId=vpc, TargetType="ip", HealthCheckPath="/health"
    )
    arn = make(8000)["TargetGroups"][0]["TargetGroupArn"]
    assert make(8000)["TargetGroups"][0]["TargetGroupArn"] == arn
    with refused("DuplicateTargetGroupName"):
        make(9000)


@ordinary
def a_balancer_with_its_group_goes(aws):
    arn = balancer(aws, network(aws)[1])["LoadBalancerArn"]
    listen(aws, arn)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert aws.elbv2.describe_load_balancers()["LoadBalancers"] == []
