from cases import case, refused
from ecs_rollout import service
from ecs_tasks import family, look, run

ASK = {"cluster": "c", "command": "/bin/sh", "interactive": True}


def shell(aws, arn, **more):
    return aws.ecs.execute_command(task=arn, **{**ASK, **more})


def started(aws, **more):
    """A task that runs, and goes on running."""
    arn = run(aws, **more)["tasks"][0]["taskArn"]
    look(aws, arn)
    assert look(aws, arn)["lastStatus"] == "RUNNING"
    return arn


def agent(aws, arn):
    return look(aws, arn)["containers"][0].get("managedAgents")


@case
def a_running_task_gives_a_session(aws):
    family(aws)
    aws.set("run-task", scenario="never-ends")
    arn = started(aws, enableExecuteCommand=True)
    assert look(aws, arn)["enableExecuteCommand"] is True
    assert [(one["name"], one["lastStatus"]) for one in agent(aws, arn)] == [("ExecuteCommandAgent", "RUNNING")]
    answer = shell(aws, arn)
    assert answer["taskArn"] == arn and answer["containerName"] == "app" and answer["interactive"] is True
    session = answer["session"]
    assert session["sessionId"].startswith("ecs-execute-command-") and session["tokenValue"]
    assert session["streamUrl"].startswith(
        f"wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/{session['sessionId']}"
    )


@case
def a_task_of_a_service_gives_a_session(aws):
    service(aws, enableExecuteCommand=True)
    arn = aws.ecs.list_tasks(cluster="c", serviceName="s")["taskArns"][0]
    assert shell(aws, arn, container="app")["containerArn"] == look(aws, arn)["containers"][0]["containerArn"]


@case
def a_task_that_was_run_without_it_is_refused(aws):
    family(aws)
    aws.set("run-task", scenario="never-ends")
    arn = started(aws)
    assert look(aws, arn)["enableExecuteCommand"] is False and not agent(aws, arn)
    with refused("InvalidParameterException"):
        shell(aws, arn)


@case
def an_agent_that_does_not_run_is_refused(aws):
    family(aws)
    for state, code in (
        ("PENDING", "InvalidParameterException"),
        ("STOPPED", "InvalidParameterException"),
        ("DISCONNECTED", "TargetNotConnectedException"),
    ):
        aws.set("run-task", scenario="never-ends", agent=state)
        arn = started(aws, enableExecuteCommand=True)
        assert agent(aws, arn)[0]["lastStatus"] == ("RUNNING" if state == "DISCONNECTED" else state)
        with refused(code):
            shell(aws, arn)


@case
def what_does_not_run_or_does_not_fit_is_refused(aws):
    family(aws)
    aws.set("run-task", scenario="never-ends")
    arn = started(aws, enableExecuteCommand=True)
    with refused("InvalidParameterException"):
        shell(aws, arn, interactive=False)
    with refused("InvalidParameterException"):
        shell(aws, arn, container="other")
    with refused("ClusterNotFoundException"):
        shell(aws, arn, cluster="other")
    aws.ecs.stop_task(cluster="c", task=arn)
    with refused("InvalidParameterException"):
        shell(aws, arn)
    look(aws, arn)
    assert agent(aws, arn)[0]["lastStatus"] == "STOPPED"
