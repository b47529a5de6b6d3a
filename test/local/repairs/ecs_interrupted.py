from cases import case, refused
from ecs_failure import states
from ecs_rollout import again, look, newest, running, service


@case
def a_deployment_may_never_end(aws):
    for scenario, counts in (("never-starts", (0, 1)), ("never-ends", (1, 0))):
        aws.post("reset")
        service(aws)
        aws.set("rollout", service="s", scenario=scenario)
        again(aws)
        assert states(aws, 9) == ["IN_PROGRESS"] * 9
        primary = look(aws)["deployments"][0]
        assert (primary["runningCount"], primary["pendingCount"]) == counts, scenario


@case
def another_run_may_overtake(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=9, overtake={"after": 2, "image": "app@sha256:9"})
    mine = again(aws)
    arn = newest(aws)["serviceDeploymentArn"]

    def state():
        return aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]["status"]

    assert [state() for _ in range(2)] == ["IN_PROGRESS", "STOPPED"]
    shown = look(aws)
    assert shown["currentServiceDeployment"] != arn and shown["taskDefinition"] != mine
    assert [one["status"] for one in shown["deployments"]] == ["PRIMARY", "ACTIVE", "ACTIVE"]
    listed = aws.ecs.list_service_deployments(cluster="c", service="s")["serviceDeployments"]
    assert [one["status"] for one in listed] == ["IN_PROGRESS", "STOPPED", "SUCCESSFUL"]
    assert states(aws, 3)[-1] == "SUCCESSFUL"
    found = aws.ecs.describe_task_definition(taskDefinition=look(aws)["taskDefinition"])["taskDefinition"]
    assert found["containerDefinitions"][0]["image"] == "app@sha256:9"
    assert running(aws) == [found["taskDefinitionArn"]] and state() == "STOPPED"


@case
def the_one_that_overtakes_may_fail(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="healthy", overtake={"after": 0, "scenario": "crash"})
    again(aws)
    assert states(aws, 5)[-1] == "ROLLBACK_SUCCESSFUL" and running(aws) == [first]


@case
def a_service_without_tasks_is_done_at_once(aws):
    service(aws, desiredCount=0)
    aws.set("rollout", service="s", scenario="crash")
    again(aws)
    assert states(aws, 1) == ["SUCCESSFUL"] and running(aws) == []
    again(aws, desiredCount=1)
    assert states(aws, 1) == ["IN_PROGRESS"]
    aws.ecs.update_service(cluster="c", service="s", desiredCount=0)
    assert states(aws, 1) == ["SUCCESSFUL"] and running(aws) == []


@case
def who_asks_both_calls_misses_no_state(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="wrong-path")
    again(aws)
    seen = [(newest(aws)["status"], look(aws)["deployments"][0]["rolloutState"]) for _ in range(8)]
    assert seen == [
        *[("IN_PROGRESS", "IN_PROGRESS")] * 6,
        ("ROLLBACK_IN_PROGRESS", "IN_PROGRESS"),
        ("ROLLBACK_SUCCESSFUL", "COMPLETED"),
    ]


@case
def a_deployment_that_is_done_is_not_stopped_but_replaced(aws):
    first = service(aws)
    again(aws)
    one = newest(aws)
    with refused("ConflictException"):
        aws.ecs.stop_service_deployment(serviceDeploymentArn=one["serviceDeploymentArn"], stopType="ROLLBACK")
    aws.ecs.update_service(cluster="c", service="s", taskDefinition=first)
    assert states(aws, 1) == ["SUCCESSFUL"] and running(aws) == [first]


@case
def a_deployment_is_stopped_while_its_tasks_fail(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="wrong-port", breakerCounts=False)
    again(aws)
    arn = [newest(aws)["serviceDeploymentArn"] for _ in range(4)][-1]
    aws.ecs.stop_service_deployment(serviceDeploymentArn=arn)
    assert states(aws, 2) == ["ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    assert newest(aws)["statusReason"] == "Service deployment rolled back by user."
    assert running(aws) == [first]


@case
def a_deployment_is_aborted(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="never-ends")
    again(aws)
    aws.ecs.stop_service_deployment(serviceDeploymentArn=newest(aws)["serviceDeploymentArn"], stopType="ABORT")
    assert states(aws, 1) == ["STOPPED"]


@case
def half_of_the_tasks_may_fail(aws):
    service(aws, desiredCount=8)
    aws.set("rollout", service="s", scenario="crash")
    again(aws)
    assert states(aws, 5) == [*["IN_PROGRESS"] * 3, "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    assert len(running(aws)) == 8


@case
def looks_may_be_throttled(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="healthy", reads=1)
    again(aws)
    arn = aws.ecs.list_service_deployments(cluster="c", service="s")["serviceDeployments"][0]["serviceDeploymentArn"]
    fault = {"service": "ecs", "action": "DescribeServiceDeployments", "kind": "throttle", "nth": 2, "times": 3}
    aws.post("faults", [fault])

    def state():
        return aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]["status"]

    assert state() == "IN_PROGRESS"
    for _ in range(3):
        with refused("ThrottlingException"):
            state()
    assert state() == "SUCCESSFUL"
