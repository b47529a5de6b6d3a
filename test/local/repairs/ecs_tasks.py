from cases import case, refused

AWSVPC = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}}


SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/app/level"
ROLE = "arn:aws:iam::123456789012:role/app-task"


def family(aws, image="app@sha256:1", **more):
    """A revision of `app`, with its cluster and log group; the ARN."""
    if not aws.logs.describe_log_groups(logGroupNamePrefix="/ecs/app")["logGroups"]:
        aws.logs.create_log_group(logGroupName="/ecs/app")
    aws.ecs.create_cluster(clusterName="c")
    logs = {"awslogs-group": "/ecs/app", "awslogs-stream-prefix": "ecs", "awslogs-region": "us-east-1"}
    return aws.ecs.register_task_definition(
        family="app",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        taskRoleArn=ROLE,
        executionRoleArn=ROLE,
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        containerDefinitions=[
            {
                "name": "app",
                "image": image,
                "logConfiguration": {"logDriver": "awslogs", "options": logs},
                "secrets": [
                    {"name": "KEY", "valueFrom": f"{SECRET}:API_KEY::"},
                    {"name": "LEVEL", "valueFrom": PARAMETER},
                ],
                **more,
            }
        ],
    )["taskDefinition"]["taskDefinitionArn"]


def run(aws, **more):
    want = {"cluster": "c", "taskDefinition": "app", "launchType": "FARGATE", "networkConfiguration": AWSVPC}
    return aws.ecs.run_task(**{**want, **more})


def look(aws, arn):
    return aws.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]


def ended(aws, arn):
    """Looks until it has stopped."""
    return next(task for task in (look(aws, arn) for _ in range(9)) if task["lastStatus"] == "STOPPED")


def lines(aws, arn):
    stream = f"ecs/app/{arn.split('/')[-1]}"
    found = aws.logs.get_log_events(logGroupName="/ecs/app", logStreamName=stream, startFromHead=True)
    return [event["message"] for event in found["events"]]


@case
def a_task_has_an_exit_code_when_it_has_stopped_and_not_before(aws):
    family(aws)
    arn = run(aws)["tasks"][0]["taskArn"]
    seen = [(task["lastStatus"], task["containers"][0].get("exitCode")) for task in (look(aws, arn) for _ in range(4))]
    assert seen == [("PENDING", None), ("RUNNING", None), ("DEPROVISIONING", 0), ("STOPPED", 0)]


@case
def what_a_task_prints_is_in_its_log_stream(aws):
    family(aws)
    aws.set("run-task", exitCode=3, log=["upgrading", "failed"])
    arn = run(aws)["tasks"][0]["taskArn"]
    stopped = ended(aws, arn)
    assert stopped["containers"][0]["exitCode"] == 3 and stopped["stopCode"] == "EssentialContainerExited"
    assert lines(aws, arn) == ["upgrading", "failed"]


@case
def a_container_that_never_ran_has_no_exit_code(aws):
    family(aws)
    aws.set("run-task", scenario="pull-failed")
    arn = run(aws)["tasks"][0]["taskArn"]
    stopped = ended(aws, arn)
    assert stopped["stopCode"] == "TaskFailedToStart" and "exitCode" not in stopped["containers"][0]
    assert stopped["stoppedReason"].startswith("CannotPullContainerError")


@case
def the_same_token_starts_one_task(aws):
    family(aws)
    assert run(aws, clientToken="t")["tasks"][0]["taskArn"] == run(aws, clientToken="t")["tasks"][0]["taskArn"]
    assert len(aws.ecs.list_tasks(cluster="c")["taskArns"]) == 1


@case
def a_task_that_cannot_be_placed_is_a_failure_in_the_answer(aws):
    family(aws)
    aws.set("run-task", failure="RESOURCE:ENI")
    answer = run(aws)
    assert answer["tasks"] == [] and answer["failures"][0]["reason"] == "RESOURCE:ENI"


@case
def a_stopped_task_is_listed_as_such_and_keeps_the_reason(aws):
    family(aws)
    arn = run(aws)["tasks"][0]["taskArn"]
    aws.ecs.stop_task(cluster="c", task=arn, reason="enough")
    assert aws.ecs.list_tasks(cluster="c")["taskArns"] == []
    assert aws.ecs.list_tasks(cluster="c", desiredStatus="STOPPED")["taskArns"] == [arn]
    stopped = look(aws, arn)
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "enough")


@case
def fargate_wants_a_network(aws):
    family(aws)
    with refused("InvalidParameterException"):
        aws.ecs.run_task(cluster="c", taskDefinition="app", launchType="FARGATE")
    run(aws)


@case
def a_task_prints_while_it_runs_and_its_last_lines_when_it_has_stopped(aws):
    family(aws)
    aws.set("run-task", log=[["one"], ["two"], ["three", "four"]], reads=2)
    arn = run(aws)["tasks"][0]["taskArn"]
    seen = {}
    for _ in range(5):
        status = look(aws, arn)["lastStatus"]
        if status != "PENDING":
            seen.setdefault(status, []).append(len(lines(aws, arn)))
    assert seen == {"RUNNING": [1, 2], "DEPROVISIONING": [2], "STOPPED": [4]}
    assert lines(aws, arn) == ["one", "two", "three", "four"]


@case
def a_log_stream_may_come_after_the_task_has_stopped(aws):
    family(aws)
    aws.set("run-task", log=["only"], logAfter=2)
    arn = run(aws)["tasks"][0]["taskArn"]
    ended(aws, arn)
    for _ in range(2):
        with refused("ResourceNotFoundException"):
            lines(aws, arn)
    assert lines(aws, arn) == ["only"]


@case
def the_last_lines_may_be_late_as_well(aws):
    family(aws)
    aws.set("run-task", log=[["one"], ["two"]], logAfter=1)
    arn = run(aws)["tasks"][0]["taskArn"]
    ended(aws, arn)
    assert [lines(aws, arn) for _ in range(2)] == [["one"], ["one", "two"]]


@case
def a_task_tells_what_it_was_started_with(aws):
    family(aws)
    overrides = {"containerOverrides": [{"name": "app", "command": ["alembic", "upgrade", "head"]}]}
    arn = run(aws, startedBy="tap", overrides=overrides)["tasks"][0]["taskArn"]
    task = look(aws, arn)
    assert task["startedBy"] == "tap"
    assert task["overrides"]["containerOverrides"][0]["command"] == ["alembic", "upgrade", "head"]
    assert aws.ecs.list_tasks(cluster="c", startedBy="tap")["taskArns"] == [arn]
    with refused("InvalidParameterException"):
        aws.ecs.list_tasks(cluster="c", startedBy="tap", family="app")


@case
def a_task_is_stopped_in_steps(aws):
    family(aws)
    aws.set("run-task", scenario="never-ends")
    arn = run(aws)["tasks"][0]["taskArn"]
    assert [look(aws, arn)["lastStatus"] for _ in range(4)] == ["PENDING", "RUNNING", "RUNNING", "RUNNING"]
    stopping = aws.ecs.stop_task(cluster="c", task=arn, reason="enough")["task"]
    assert (stopping["desiredStatus"], stopping["lastStatus"]) == ("STOPPED", "DEACTIVATING")
    assert [look(aws, arn)["lastStatus"] for _ in range(2)] == ["DEPROVISIONING", "STOPPED"]
    assert look(aws, arn)["containers"][0]["exitCode"] == 143


@case
def a_task_may_never_start(aws):
    family(aws)
    aws.set("run-task", scenario="never-starts")
    arn = run(aws)["tasks"][0]["taskArn"]
    assert {look(aws, arn)["lastStatus"] for _ in range(5)} == {"PENDING"}
    aws.ecs.stop_task(cluster="c", task=arn)
    stopped = ended(aws, arn)
    assert stopped["stopCode"] == "UserInitiated" and "exitCode" not in stopped["containers"][0]


@case
def tasks_go_by_their_image(aws):
    family(aws)
    aws.set("run-task", scenario="crash", image="sha256:2")
    assert ended(aws, run(aws)["tasks"][0]["taskArn"])["containers"][0]["exitCode"] == 0
    family(aws, image="app@sha256:2")
    assert ended(aws, run(aws)["tasks"][0]["taskArn"])["containers"][0]["exitCode"] == 1
