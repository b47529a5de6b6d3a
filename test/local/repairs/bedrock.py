from cases import case, refused

MODEL = "anthropic.claude-sonnet-4-6"


@case
def a_model_may_be_used(aws):
    answer = aws.bedrock.get_foundation_model_availability(modelId=MODEL)
    assert answer["authorizationStatus"] == "AUTHORIZED" and answer["regionAvailability"] == "AVAILABLE"
    assert answer["agreementAvailability"] == {"status": "AVAILABLE"}


@case
def a_model_without_agreement_or_none_at_all(aws):
    aws.set("model", id=MODEL, agreement="NOT_AVAILABLE")
    answer = aws.bedrock.get_foundation_model_availability(modelId=MODEL)
    assert answer["agreementAvailability"]["status"] == "NOT_AVAILABLE"
    aws.set("model", id=f"us.{MODEL}", missing=True)
    with refused("ResourceNotFoundException"):
        aws.bedrock.get_inference_profile(inferenceProfileIdentifier=f"us.{MODEL}")


@case
def an_inference_profile_is_active(aws):
    assert aws.bedrock.get_inference_profile(inferenceProfileIdentifier=f"us.{MODEL}")["status"] == "ACTIVE"
