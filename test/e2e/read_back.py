"""Reads an environment back with boto3, a tool that knows nothing of tap, and prints it as JSON.

Usage: python read_back.py PROJECT ACCOUNT; the endpoint and keys come from the environment.
"""

import json
import sys
from typing import Any
from urllib.parse import unquote

import boto3
from botocore.config import Config

PROJECT, ACCOUNT = sys.argv[1:]
ADDRESSING = Config(s3={"addressing_style": "path"})


def ask(service: str, operation: str, **params: Any) -> Any:
    client = boto3.client(service, region_name="us-east-1", config=ADDRESSING)
    answer = getattr(client, operation)(**params)
    answer.pop("ResponseMetadata", None)
    return answer


def network() -> Any:
    ours = [{"Name": "tag:tap:project", "Values": [PROJECT]}]
    vpc = ask("ec2", "describe_vpcs", Filters=ours)["Vpcs"][0]
    inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    dns = [
        ask("ec2", "describe_vpc_attribute", VpcId=vpc["VpcId"], Attribute=name)[key]["Value"]
        for name, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames"))
    ]
    gateways = ask("ec2", "describe_internet_gateways", Filters=ours)["InternetGateways"]
    return {
        "vpc": vpc,
        "dns": dns,
        "subnets": ask("ec2", "describe_subnets", Filters=inside)["Subnets"],
        "routeTables": ask("ec2", "describe_route_tables", Filters=inside)["RouteTables"],
        "groups": ask("ec2", "describe_security_groups", Filters=inside)["SecurityGroups"],
        "internetGateways": gateways,
        "natGateways": ask("ec2", "describe_nat_gateways", Filters=inside)["NatGateways"],
        "endpoints": ask("ec2", "describe_vpc_endpoints", Filters=inside)["VpcEndpoints"],
        "flowLogs": ask("ec2", "describe_flow_logs", Filters=[{"Name": "resource-id", "Values": [vpc["VpcId"]]}]),
    }


def backend() -> Any:
    service = ask("ecs", "describe_services", cluster=f"{PROJECT}-cluster", services=[f"{PROJECT}-backend"])
    service = service["services"][0]
    revision = ask("ecs", "describe_task_definition", taskDefinition=service["taskDefinition"])["taskDefinition"]
    balancer = ask("elbv2", "describe_load_balancers", Names=[f"{PROJECT}-alb"])["LoadBalancers"][0]
    group = ask("elbv2", "describe_target_groups", Names=[f"{PROJECT}-tg"])["TargetGroups"][0]
    arn = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
    in_group = {"TargetGroupArn": group["TargetGroupArn"]}
    repository = f"{PROJECT}-backend"
    lifecycle = ask("ecr", "get_lifecycle_policy", repositoryName=repository)["lifecyclePolicyText"]
    return {
        "repository": ask("ecr", "describe_repositories", repositoryNames=[repository])["repositories"][0],
        "lifecycle": json.loads(lifecycle),
        "cluster": ask("ecs", "describe_clusters", clusters=[f"{PROJECT}-cluster"], include=["SETTINGS"])["clusters"][
            0
        ],
        "service": {**service, "events": []},
        "task": revision,
        "loadBalancer": balancer,
        "loadBalancerAttributes": pairs(ask("elbv2", "describe_load_balancer_attributes", **arn)["Attributes"]),
        "listeners": ask("elbv2", "describe_listeners", **arn)["Listeners"],
        "targetGroup": group,
        "targetGroupAttributes": pairs(ask("elbv2", "describe_target_group_attributes", **in_group)["Attributes"]),
    }


def database() -> Any:
    instance = ask("rds", "describe_db_instances", DBInstanceIdentifier=f"{PROJECT}-db")["DBInstances"][0]
    managed = instance["MasterUserSecret"]["SecretArn"]
    return {
        "instance": instance,
        "managed": json.loads(secret(managed)),
        "rotation": ask("secretsmanager", "describe_secret", SecretId=managed),
        "url": secret(f"{PROJECT}/database-url"),
    }


def bucket(name: str) -> Any:
    at = {"Bucket": name, "ExpectedBucketOwner": ACCOUNT}
    try:
        cors = ask("s3", "get_bucket_cors", **at)["CORSRules"]
    except Exception:
        cors = []
    rules = ask("s3", "get_bucket_encryption", **at)["ServerSideEncryptionConfiguration"]["Rules"]
    return {
        "versioning": ask("s3", "get_bucket_versioning", **at).get("Status"),
        "encryption": rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "publicAccess": ask("s3", "get_public_access_block", **at)["PublicAccessBlockConfiguration"],
        "ownership": ask("s3", "get_bucket_ownership_controls", **at)["OwnershipControls"]["Rules"],
        "policy": json.loads(ask("s3", "get_bucket_policy", **at)["Policy"]),
        "lifecycle": ask("s3", "get_bucket_lifecycle_configuration", **at)["Rules"],
        "cors": cors,
    }


def site() -> Any:
    listed = ask("cloudfront", "list_distributions")["DistributionList"]["Items"][0]
    config = ask("cloudfront", "get_distribution_config", Id=listed["Id"])["DistributionConfig"]
    control = config["Origins"]["Items"][0]["OriginAccessControlId"]
    certificate = config["ViewerCertificate"]["ACMCertificateArn"]
    zone = ask("route53", "list_hosted_zones")["HostedZones"][0]["Id"]
    return {
        "arn": listed["ARN"],
        "domainName": listed["DomainName"],
        "config": config,
        "accessControl": ask("cloudfront", "get_origin_access_control", Id=control)["OriginAccessControl"][
            "OriginAccessControlConfig"
        ],
        "certificate": ask("acm", "describe_certificate", CertificateArn=certificate)["Certificate"],
        "records": ask("route53", "list_resource_record_sets", HostedZoneId=zone)["ResourceRecordSets"],
    }


def login() -> Any:
    pools = ask("cognito-idp", "list_user_pools", MaxResults=10)["UserPools"]
    pool_id = next(one["Id"] for one in pools if one["Name"] == f"{PROJECT}-users")
    at = {"UserPoolId": pool_id}
    listed = ask("cognito-idp", "list_user_pool_clients", **at)["UserPoolClients"]
    client = ask("cognito-idp", "describe_user_pool_client", ClientId=listed[0]["ClientId"], **at)
    domain = ask("cognito-idp", "describe_user_pool_domain", Domain=f"{PROJECT}-auth-{ACCOUNT}")
    google = ask("cognito-idp", "describe_identity_provider", ProviderName="Google", **at)["IdentityProvider"]
    return {
        "pool": ask("cognito-idp", "describe_user_pool", **at)["UserPool"],
        "client": client["UserPoolClient"],
        "domain": domain["DomainDescription"],
        "google": google,
        "parameters": {
            one["Name"]: one["Value"]
            for one in ask("ssm", "get_parameters_by_path", Path=f"/{PROJECT}/", Recursive=True)["Parameters"]
        },
        "clientSecret": secret(f"{PROJECT}/cognito-client-secret"),
    }


def role(name: str) -> Any:
    at = {"RoleName": name}
    policies = ask("iam", "list_role_policies", **at)["PolicyNames"]
    return {
        "trust": document(ask("iam", "get_role", **at)["Role"]["AssumeRolePolicyDocument"]),
        "statements": [
            statement
            for policy in policies
            for statement in document(ask("iam", "get_role_policy", PolicyName=policy, **at)["PolicyDocument"])[
                "Statement"
            ]
        ],
        "managed": ask("iam", "list_attached_role_policies", **at)["AttachedPolicies"],
    }


def monitoring() -> Any:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{PROJECT}-alerts"
    alarms = ask("cloudwatch", "describe_alarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    groups = ask("logs", "describe_log_groups")["logGroups"]
    return {
        "topic": json.loads(ask("sns", "get_topic_attributes", TopicArn=topic)["Attributes"]["Policy"]),
        "subscriptions": ask("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"],
        "alarms": {one["AlarmName"]: one for one in alarms["MetricAlarms"] + alarms["CompositeAlarms"]},
        "logGroups": {one["logGroupName"]: one.get("retentionInDays") for one in groups},
    }


def document(policy: Any) -> Any:
    return json.loads(unquote(policy)) if isinstance(policy, str) else policy


def pairs(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in attributes}


def secret(name: str) -> str:
    return ask("secretsmanager", "get_secret_value", SecretId=name)["SecretString"]


ROLES = ["ecs-execution", "ecs-task", "github-actions", "github-plan", "flow-logs"]
provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
print(
    json.dumps(
        {
            "network": network(),
            "backend": backend(),
            "database": database(),
            "buckets": {name: bucket(f"{PROJECT}-{name}-{ACCOUNT}") for name in ("spa", "files", "alb-logs", "state")},
            "site": site(),
            "login": login(),
            "roles": {name: role(f"{PROJECT}-{name}-role") for name in ROLES},
            "provider": ask("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=provider),
            "secrets": [one["Name"] for one in ask("secretsmanager", "list_secrets")["SecretList"]],
            "jwt": secret(f"{PROJECT}/jwt-secret-key"),
            "monitoring": monitoring(),
        },
        default=str,
    )
)
