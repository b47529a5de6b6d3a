from cases import case


@case
def a_cluster_is_shown_as_being_deleted_and_then_is(aws):
    arn = aws.ecs.create_cluster(clusterName="c")["cluster"]["clusterArn"]
    last = {"action": "DeleteCluster", "params": {"cluster": arn}}
    values = {"status": "DEPROVISIONING"}
    aws.set("shown", service="ecs", list="clusters", id=arn, values=values, reads=2, afterwards=last)
    seen = [aws.ecs.describe_clusters(clusters=["c"])["clusters"][0]["status"] for _ in range(3)]
    assert seen == ["DEPROVISIONING", "DEPROVISIONING", "INACTIVE"]


@case
def what_has_failed_has_failed_until_it_is_deleted(aws):
    arn = aws.ecs.create_cluster(clusterName="c")["cluster"]["clusterArn"]
    aws.set("shown", service="ecs", list="clusters", id=arn, values={"status": "FAILED"}, until="DeleteCluster")
    assert aws.ecs.describe_clusters(clusters=["c"])["clusters"][0]["status"] == "FAILED"
    aws.ecs.delete_cluster(cluster="c")
    aws.ecs.create_cluster(clusterName="c")
    assert aws.ecs.describe_clusters(clusters=["c"])["clusters"][0]["status"] == "ACTIVE"
