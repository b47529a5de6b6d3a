from cases import case, refused
from ecs_tasks import family

BREAKER = {
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "minimumHealthyPercent": 100,
    "maximumPercent": 200,
}


def network(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.10.0/24")["Subnet"]["SubnetId"]
    group = aws.ec2.create_security_group(VpcId=vpc, GroupName="ecs", Description="d")["GroupId"]
    return {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}}


def service(aws, **more):
    definition = family(aws)
    want = {
        "cluster": "c",
        "serviceName": "s",
        "taskDefinition": definition,
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": network(aws),
        "deploymentConfiguration": BREAKER,
    }
    aws.ecs.create_service(**{**want, **more})
    return definition


def again(aws, image="app@sha256:1", **more):
    """Registers another revision and rolls it out; its ARN."""
    definition = family(aws, image)
    aws.ecs.update_service(cluster="c", service="s", taskDefinition=definition, **more)
    return definition


def look(aws):
    return aws.ecs.describe_services(cluster="c", services=["s"])["services"][0]


def newest(aws):
    arn = aws.ecs.list_service_deployments(cluster="c", service="s")["serviceDeployments"][0]["serviceDeploymentArn"]
    return aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def running(aws):
    arns = aws.ecs.list_tasks(cluster="c", serviceName="s")["taskArns"]
    found = aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []
    return [task["taskDefinitionArn"] for task in found if task["lastStatus"] == "RUNNING"]


@case
def a_service_runs_tasks_and_tells_its_deployment(aws):
    first = service(aws)
    assert running(aws) == [first]
    one = newest(aws)
    assert one["status"] == "SUCCESSFUL"
    assert look(aws)["currentServiceDeployment"] == one["serviceDeploymentArn"]
    arn = one["targetServiceRevision"]["arn"]
    revision = aws.ecs.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"][0]
    assert revision["taskDefinition"] == first
    assert revision["containerImages"] == [{"containerName": "app", "image": "app@sha256:1", "imageDigest": "sha256:1"}]


@case
def a_deployment_goes_on_with_every_look(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=2)
    second = again(aws)
    seen = [newest(aws)["status"] for _ in range(3)]
    assert seen == ["IN_PROGRESS", "IN_PROGRESS", "SUCCESSFUL"]
    assert running(aws) == [second] != [first]
    assert [one["rolloutState"] for one in look(aws)["deployments"]] == ["COMPLETED"]


@case
def the_circuit_breaker_rolls_back_after_three_failed_tasks(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="crash")
    second = again(aws)
    seen = [newest(aws) for _ in range(4)]
    assert [one["status"] for one in seen] == [
        "IN_PROGRESS",
        "IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
    ]
    assert seen[-1]["deploymentCircuitBreaker"] == {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
    assert look(aws)["taskDefinition"] == first and running(aws) == [first]
    stopped = aws.ecs.list_tasks(cluster="c", serviceName="s", desiredStatus="STOPPED")["taskArns"]
    reasons = aws.ecs.describe_tasks(cluster="c", tasks=stopped)["tasks"]
    assert {(task["taskDefinitionArn"], task["containers"][0]["exitCode"]) for task in reasons} == {(second, 1)}


@case
def without_roll_back_a_failed_deployment_stops(aws):
    service(aws, desiredCount=0)
    aws.set("rollout", service="s", scenario="pull-failed")
    off = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    again(aws, desiredCount=1, deploymentConfiguration=off)
    seen = [newest(aws)["status"] for _ in range(4)]
    assert seen == ["IN_PROGRESS", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED"]
    assert look(aws)["deployments"][0]["rolloutState"] == "FAILED"


@case
def a_deployment_is_stopped_by_hand(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=9)
    again(aws)
    arn = newest(aws)["serviceDeploymentArn"]
    aws.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    assert [newest(aws)["status"] for _ in range(2)] == ["ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    assert look(aws)["taskDefinition"] == first
    with refused("ConflictException"):
        aws.ecs.stop_service_deployment(serviceDeploymentArn=arn)


@case
def a_newer_deployment_replaces_an_unfinished_one(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=9)
    again(aws)
    again(aws)
    shown = aws.ecs.list_service_deployments(cluster="c", service="s")["serviceDeployments"]
    assert [one["status"] for one in shown] == ["IN_PROGRESS", "STOPPED", "SUCCESSFUL"]


def balanced(aws):
    """A target group behind a load balancer, and the service in it; the group's ARN."""
    vpc = aws.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    balancer = aws.elbv2.create_load_balancer(Name="alb", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = aws.elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=8000, VpcId=vpc, TargetType="ip")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    aws.elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    bound = [{"targetGroupArn": group, "containerName": "app", "containerPort": 8000}]
    service(aws, loadBalancers=bound, healthCheckGracePeriodSeconds=90)
    return group


def targets(aws, group):
    shown = aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return sorted((one["TargetHealth"] for one in shown), key=lambda health: health["State"])


@case
def target_health_shows_the_tasks(aws):
    group = balanced(aws)

    def states():
        return [health["State"] for health in targets(aws, group)]

    assert states() == ["healthy"]
    aws.set("rollout", service="s", scenario="wrong-path")
    again(aws)
    newest(aws)
    assert states() == ["healthy", "initial"]
    newest(aws)
    assert states() == ["healthy", "unhealthy"]


@case
def a_deleted_service_has_no_tasks(aws):
    service(aws)
    assert len(running(aws)) == 1
    aws.ecs.delete_service(cluster="c", service="s", force=True)
    assert aws.ecs.list_tasks(cluster="c")["taskArns"] == []


@case
def targets_of_tasks_that_are_gone_drain(aws):
    group = balanced(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=2)
    again(aws)
    seen = []
    for _ in range(3):
        newest(aws)
        seen.append([health["State"] for health in targets(aws, group)])
    assert seen == [["healthy"], ["healthy", "initial"], ["draining", "healthy"]]
    assert targets(aws, group) == [{"State": "healthy"}]


@case
def the_revisions_in_use_are_named(aws):
    service(aws)
    old = newest(aws)["targetServiceRevision"]["arn"]
    aws.set("rollout", service="s", scenario="healthy", reads=9)
    again(aws)
    one = newest(aws)
    new = one["targetServiceRevision"]["arn"]
    shown = [(used["arn"], used["runningTaskCount"]) for used in look(aws)["currentServiceRevisions"]]
    assert shown == [(new, 0), (old, 1)]
    assert (one["sourceServiceRevisions"][0]["arn"], one["sourceServiceRevisions"][0]["runningTaskCount"]) == (old, 1)


@case
def what_happens_is_told_in_events(aws):
    group = balanced(aws)
    arn = aws.ecs.list_tasks(cluster="c", serviceName="s")["taskArns"][0]
    shown = look(aws)
    assert [one["message"] for one in reversed(shown["events"])] == [
        f"(service s) has started 1 tasks: (task {arn.split('/')[-1]}).",
        f"(service s) registered 1 targets in (target-group {group})",
        f"(service s) (deployment {shown['deployments'][0]['id']}) deployment completed.",
        "(service s) has reached a steady state.",
    ]
