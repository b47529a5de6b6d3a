from cases import case, ordinary

TAG = {"Key": "tap:project", "Value": "tap"}


@case
def the_tagging_api_lists_repositories(aws):
    arn = aws.ecr.create_repository(repositoryName="a/b", tags=[TAG])["repository"]["repositoryArn"]
    aws.ecr.create_repository(repositoryName="other")
    found = aws.resourcegroupstaggingapi.get_resources(TagFilters=[{"Key": TAG["Key"], "Values": ["tap"]}])
    assert [row["ResourceARN"] for row in found["ResourceTagMappingList"]] == [arn]


@ordinary
def a_repository_with_images_goes_by_force(aws):
    aws.ecr.create_repository(repositoryName="app")
    aws.ecr.delete_repository(repositoryName="app", force=True)
    assert aws.ecr.describe_repositories()["repositories"] == []
