from cases import case, refused
from ecs_tasks import family, look, run


def target(aws, **more):
    """Of a task that runs."""
    family(aws)
    aws.set("run-task", scenario="never-ends", **more)
    arn = run(aws, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    task = next(one for one in (look(aws, arn) for _ in range(9)) if one["lastStatus"] == "RUNNING")
    return f"ecs:c_{arn.split('/')[-1]}_{task['containers'][0]['runtimeId']}"


@case
def a_session_goes_to_a_container_whose_agent_runs(aws):
    to = target(aws)
    session = aws.ssm.start_session(Target=to)
    assert session["TokenValue"] and session["StreamUrl"].startswith("wss://ssmmessages.us-east-1.")
    with refused("TargetNotConnected"):
        aws.ssm.start_session(Target=f"{to}0")


@case
def an_agent_that_is_cut_off_has_no_session(aws):
    to = target(aws, agent="DISCONNECTED")
    with refused("TargetNotConnected"):
        aws.ssm.start_session(Target=to)
