from cases import case, refused


def register(aws, cpu, memory, mode="awsvpc"):
    aws.ecs.register_task_definition(
        family="app",
        requiresCompatibilities=["FARGATE"],
        networkMode=mode,
        cpu=cpu,
        memory=memory,
        containerDefinitions=[{"name": "app", "image": "app"}],
    )


@case
def cpu_and_memory_come_in_pairs(aws):
    register(aws, "256", "512")
    register(aws, "1024", "8192")
    with refused("ClientException"):
        register(aws, "256", "4096")


@case
def the_network_is_awsvpc(aws):
    with refused("ClientException"):
        register(aws, "256", "512", mode="bridge")
