import urllib.error

from cases import case, ordinary
from ecs_rollout import again, look, newest, running, service
from ecs_scenarios import events, stopped

NO_ROLL_BACK = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
OFF = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}


def states(aws, looks):
    return [newest(aws)["status"] for _ in range(looks)]


def deployments(aws):
    return [(one["status"], one["rolloutState"], one["runningCount"]) for one in look(aws)["deployments"]]


@case
def a_roll_back_goes_to_the_last_deployment_that_was_completed(aws):
    first = service(aws)
    before = look(aws)["deployments"][0]["id"]
    aws.set("rollout", service="s", scenario="crash", rollbackReads=2)
    second = again(aws)
    mine = look(aws)["deployments"][0]["id"]
    assert states(aws, 3) == ["IN_PROGRESS", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS"]
    shown = look(aws)
    assert [(one["id"], one["status"], one["rolloutState"]) for one in shown["deployments"]] == [
        (before, "PRIMARY", "IN_PROGRESS"),
        (mine, "ACTIVE", "FAILED"),
    ]
    assert [one["rolloutStateReason"] for one in shown["deployments"]] == [
        f"ECS deployment circuit breaker: rolling back to deploymentId {before}.",
        "ECS deployment circuit breaker: tasks failed to start.",
    ]
    assert [one["taskDefinition"] for one in shown["deployments"]] == [first, second]
    assert shown["taskDefinition"] == first and shown["deployments"][1]["failedTasks"] == 3
    one = newest(aws)
    assert one["status"] == "ROLLBACK_IN_PROGRESS" and "finishedAt" not in one and "alarms" not in one
    one = newest(aws)
    why = "Service deployment rolled back because the circuit breaker threshold was exceeded."
    assert (one["status"], one["statusReason"], one["rollback"]["reason"]) == ("ROLLBACK_SUCCESSFUL", why, why)
    assert one["rollback"]["serviceRevisionArn"] == one["sourceServiceRevisions"][0]["arn"]
    assert one["targetServiceRevision"]["runningTaskCount"] == 0
    back = aws.ecs.describe_service_revisions(serviceRevisionArns=[one["rollback"]["serviceRevisionArn"]])
    assert back["serviceRevisions"][0]["taskDefinition"] == first
    assert [(one["id"], one["rolloutState"]) for one in look(aws)["deployments"]] == [(before, "COMPLETED")]
    assert [said for said in events(aws) if "ecs-svc/" in said or "steady" in said][-4:] == [
        f"(deployment {mine}) deployment failed: tasks failed to start.",
        f"rolling back to deployment {before}.",
        f"(deployment {before}) deployment completed.",
        "has reached a steady state.",
    ]


@case
def a_scenario_may_be_that_of_an_image(aws):
    aws.set("rollout", service="s", scenario="crash", image="sha256:2")
    first = service(aws)
    again(aws, "app@sha256:2")
    assert states(aws, 4)[-1] == "ROLLBACK_SUCCESSFUL" and running(aws) == [first]
    third = again(aws, "app@sha256:3")
    assert states(aws, 1) == ["SUCCESSFUL"] and running(aws) == [third]


@case
def a_roll_back_that_fails_leaves_nothing_that_runs(aws):
    first = service(aws)
    aws.set("rollout", service="s", scenario="crash", rollbackFails=True)
    again(aws)
    assert states(aws, 4) == ["IN_PROGRESS", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"]
    assert deployments(aws) == [("PRIMARY", "FAILED", 0)] and look(aws)["taskDefinition"] == first
    assert {task["taskDefinitionArn"] for task in stopped(aws)} >= {first}
    assert events(aws)[-1].endswith("deployment failed: tasks failed to start.")


@case
def a_roll_back_follows_the_scenario_of_the_image_it_goes_to(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="secret-missing", image="sha256:1")
    aws.set("rollout", service="s", scenario="crash", image="sha256:2")
    again(aws, "app@sha256:2")
    assert states(aws, 4)[-1] == "ROLLBACK_FAILED"
    assert stopped(aws)[-1]["stoppedReason"].startswith("ResourceInitializationError")


@case
def without_an_earlier_revision_there_is_no_way_back(aws):
    aws.set("rollout", service="s", scenario="crash")
    service(aws)
    assert states(aws, 3) == ["IN_PROGRESS", "IN_PROGRESS", "ROLLBACK_FAILED"]
    one = newest(aws)
    assert one["statusReason"] == "No rollback candidate was found to run the rollback."
    assert "rollback" not in one and one["sourceServiceRevisions"] == []
    assert deployments(aws) == [("PRIMARY", "FAILED", 0)]


@case
def a_first_deployment_that_fails_without_roll_back_is_scaled_to_zero_again(aws):
    service(aws, desiredCount=0)
    aws.set("rollout", service="s", scenario="wrong-port")
    definition = again(aws, desiredCount=1, deploymentConfiguration=NO_ROLL_BACK)
    assert states(aws, 8)[-2:] == ["STOP_REQUESTED", "STOPPED"]
    one = newest(aws)
    assert one["stoppedAt"] == one["finishedAt"] and one["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    shown = look(aws)
    assert shown["deployments"][0]["rolloutState"] == "FAILED" and shown["taskDefinition"] == definition
    aws.ecs.update_service(cluster="c", service="s", desiredCount=0)
    assert (look(aws)["desiredCount"], look(aws)["runningCount"]) == (0, 0) and running(aws) == []
    assert newest(aws)["status"] == "STOPPED"


@case
def without_the_breaker_tasks_fail_for_ever(aws):
    service(aws, deploymentConfiguration=OFF)
    aws.set("rollout", service="s", scenario="crash")
    again(aws)
    assert states(aws, 9) == ["IN_PROGRESS"] * 9
    one = newest(aws)
    assert one["deploymentCircuitBreaker"]["status"] == "DISABLED" and len(stopped(aws)) == 10
    assert deployments(aws) == [("PRIMARY", "IN_PROGRESS", 0), ("ACTIVE", "COMPLETED", 1)]
    assert sum("is unable to consistently start tasks successfully." in said for said in events(aws)) == 1


@case
def the_breaker_may_not_count_a_failure(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="pull-failed", breakerCounts=False)
    again(aws)
    assert states(aws, 6) == ["IN_PROGRESS"] * 6
    assert newest(aws)["deploymentCircuitBreaker"] == {"status": "MONITORING", "failureCount": 0, "threshold": 3}


@ordinary
def settings_refuse_what_they_do_not_know(aws):
    for name, value in (
        ("rollout", {"service": "s", "scenario": "boom"}),
        ("rollout", {"service": "s", "scenario": "crash", "failure": "x"}),
        ("rollout", {"service": "s", "overtake": {"before": 1}}),
        ("run-task", {"scenario": "crash", "rollbackFails": True}),
    ):
        try:
            aws.set(name, **value)
        except urllib.error.HTTPError as error:
            assert error.code == 400
        else:
            raise AssertionError(f"{value} was taken")
