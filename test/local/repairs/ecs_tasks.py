from cases import case, refused

AWSVPC = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}}


def family(aws):
    aws.logs.create_log_group(logGroupName="/ecs/app")
    aws.ecs.create_cluster(clusterName="c")
    logs = {"awslogs-group": "/ecs/app", "awslogs-stream-prefix": "ecs", "awslogs-region": "us-east-1"}
    return aws.ecs.register_task_definition(
        family="app",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": "app", "image": "app@sha256:1", "logConfiguration": {"logDriver": "awslogs", "options": logs}}
        ],
    )["taskDefinition"]["taskDefinitionArn"]


def run(aws, **more):
    want = {"cluster": "c", "taskDefinition": "app", "launchType": "FARGATE", "networkConfiguration": AWSVPC}
    return aws.ecs.run_task(**{**want, **more})


def look(aws, arn):
    return aws.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]


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
    stopped = [look(aws, arn) for _ in range(4)][-1]
    assert stopped["containers"][0]["exitCode"] == 3 and stopped["stopCode"] == "EssentialContainerExited"
    stream = f"ecs/app/{arn.split('/')[-1]}"
    events = aws.logs.get_log_events(logGroupName="/ecs/app", logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["upgrading", "failed"]


@case
def a_container_that_never_ran_has_no_exit_code(aws):
    family(aws)
    aws.set("run-task", scenario="pull-failed")
    arn = run(aws)["tasks"][0]["taskArn"]
    stopped = [look(aws, arn) for _ in range(2)][-1]
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
