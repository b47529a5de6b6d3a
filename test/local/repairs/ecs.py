from cases import case, ordinary, refused

CONTAINER = {"name": "app", "image": "busybox"}


def cluster(aws, **more):
    return aws.ecs.create_cluster(clusterName="main", **more)["cluster"]


def register(aws, image="busybox"):
    made = aws.ecs.register_task_definition(
        family="app",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[{**CONTAINER, "image": image}],
        tags=[{"key": "a", "value": "1"}],
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def service(aws, **more):
    return aws.ecs.create_service(
        **{
            "cluster": "main",
            "serviceName": "app",
            "taskDefinition": "app",
            "desiredCount": 2,
            "launchType": "FARGATE",
            **more,
        }
    )["service"]


def live(aws):
    return aws.ecs.describe_services(cluster="main", services=["app"], include=["TAGS"])["services"][0]


@case
def the_same_cluster_again_is_the_first_one(aws):
    settings = [{"name": "containerInsights", "value": "enabled"}]
    cluster(aws, settings=settings, tags=[{"key": "a", "value": "1"}])
    again = cluster(aws)
    assert again["settings"] == settings and again["tags"] == [{"key": "a", "value": "1"}]


@case
def a_cluster_with_a_service_stays(aws):
    cluster(aws)
    register(aws)
    service(aws)
    with refused("ClusterContainsServicesException"):
        aws.ecs.delete_cluster(cluster="main")
    aws.ecs.delete_service(cluster="main", service="app", force=True)
    aws.ecs.delete_cluster(cluster="main")


@case
def a_family_stands_for_its_latest_active_revision(aws):
    first, second = register(aws), register(aws)
    aws.ecs.deregister_task_definition(taskDefinition=second)
    found = aws.ecs.describe_task_definition(taskDefinition="app", include=["TAGS"])
    assert found["taskDefinition"]["taskDefinitionArn"] == first and found["tags"] == [{"key": "a", "value": "1"}]
    aws.ecs.deregister_task_definition(taskDefinition=first)
    with refused("ClientException"):
        aws.ecs.describe_task_definition(taskDefinition="app")


@case
def a_revision_is_never_used_twice(aws):
    arn = register(aws)
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    aws.ecs.delete_task_definitions(taskDefinitions=[arn])
    assert register(aws).endswith(":2")


@case
def a_service_keeps_what_it_was_given(aws):
    cluster(aws)
    register(aws)
    given = {
        "deploymentConfiguration": {
            "minimumHealthyPercent": 100,
            "maximumPercent": 200,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    }
    aws.ecs.create_service(cluster="main", serviceName="app", taskDefinition="app", desiredCount=0, **given)
    shown = live(aws)
    assert {name: shown[name] for name in given} == given
    assert shown["platformVersion"] == "LATEST" and "launchType" not in shown


@case
def a_service_reaches_its_desired_count(aws):
    cluster(aws)
    register(aws)
    service(aws)
    assert (live(aws)["runningCount"], live(aws)["deployments"][0]["rolloutState"]) == (2, "COMPLETED")


@case
def a_new_task_definition_is_a_new_deployment(aws):
    cluster(aws)
    register(aws)
    before = service(aws)["deployments"][0]["id"]
    arn = register(aws, "other")
    aws.ecs.update_service(cluster="main", service="app", taskDefinition="app")
    shown = live(aws)
    assert shown["taskDefinition"] == arn
    assert [one["taskDefinition"] for one in shown["deployments"]] == [arn]
    assert shown["deployments"][0]["id"] != before


@case
def a_service_of_the_name_is_refused_but_for_the_same_token(aws):
    cluster(aws)
    register(aws)
    arn = service(aws, clientToken="a")["serviceArn"]
    assert service(aws, clientToken="a")["serviceArn"] == arn
    with refused("InvalidParameterException"):
        service(aws, clientToken="b")


@case
def a_target_group_wants_a_listener_first(aws):
    cluster(aws)
    register(aws)
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = aws.elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")[
        "TargetGroups"
    ][0]
    with refused("InvalidParameterException"):
        service(
            aws,
            loadBalancers=[{"targetGroupArn": group["TargetGroupArn"], "containerName": "app", "containerPort": 80}],
        )


@case
def a_deleted_service_takes_no_change(aws):
    cluster(aws)
    register(aws)
    service(aws)
    aws.ecs.delete_service(cluster="main", service="app", force=True)
    with refused("ServiceNotActiveException"):
        aws.ecs.update_service(cluster="main", service="app", desiredCount=1)


@case
def a_deployment_is_held_in_a_state(aws):
    cluster(aws)
    register(aws)
    service(aws)
    aws.set("ecsService", service="app", rolloutState="IN_PROGRESS", runningCount=1)
    assert (live(aws)["runningCount"], live(aws)["deployments"][0]["rolloutState"]) == (1, "IN_PROGRESS")


@ordinary
def a_service_is_scaled_without_a_new_deployment(aws):
    cluster(aws)
    register(aws)
    before = service(aws)["deployments"][0]["id"]
    aws.ecs.update_service(cluster="main", service="app", desiredCount=1)
    assert (live(aws)["desiredCount"], live(aws)["deployments"][0]["id"]) == (1, before)
