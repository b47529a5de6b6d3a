from cases import case, ordinary, refused


@case
def the_type_of_a_parameter_stays(aws):
    aws.ssm.put_parameter(Name="/a/b", Type="String", Value="1")
    with refused("HierarchyTypeMismatch"):
        aws.ssm.put_parameter(Name="/a/b", Type="StringList", Value="1", Overwrite=True)


@ordinary
def the_value_changes(aws):
    aws.ssm.put_parameter(Name="/a/b", Type="String", Value="1")
    aws.ssm.put_parameter(Name="/a/b", Type="String", Value="2", Overwrite=True)
    assert aws.ssm.get_parameters(Names=["/a/b"])["Parameters"][0]["Value"] == "2"
