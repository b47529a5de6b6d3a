from cases import ordinary


@ordinary
def a_repository_with_images_goes_by_force(aws):
    aws.ecr.create_repository(repositoryName="app")
    aws.ecr.delete_repository(repositoryName="app", force=True)
    assert aws.ecr.describe_repositories()["repositories"] == []
