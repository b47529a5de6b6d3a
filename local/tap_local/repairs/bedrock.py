"""Bedrock: which models the account may use. Nothing here answers a prompt."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_"


@setting("model")
def set_model(value: dict[str, Any]) -> None:
    """{"id": of a model or inference profile, "missing": true} or, for a model, {"agreement", "authorization",
    "entitlement", "region"}: other answers than AVAILABLE and AUTHORIZED."""
    STATE["bedrock"].setdefault("models", {})[value["id"]] = value


def told(call: Call, id: str) -> dict[str, Any]:
    found = call.state.get("models", {}).get(id, {})
    if found.get("missing"):
        raise AwsError("ResourceNotFoundException", f"{id} was not found.", 404)
    return found


@repair("bedrock", "GetFoundationModelAvailability", "exists", API + "GetFoundationModelAvailability.html")
def get_availability(call: Call) -> Any:
    model = call.params["modelId"]
    answer = told(call, model)
    return {
        "modelId": model,
        "agreementAvailability": {"status": answer.get("agreement", "AVAILABLE")},
        "authorizationStatus": answer.get("authorization", "AUTHORIZED"),
        "entitlementAvailability": answer.get("entitlement", "AVAILABLE"),
        "regionAvailability": answer.get("region", "AVAILABLE"),
    }


@repair("bedrock", "GetInferenceProfile", "exists", API + "GetInferenceProfile.html")
def get_inference_profile(call: Call) -> Any:
    id = call.params["inferenceProfileIdentifier"]
    told(call, id)
    model = id.partition(".")[2]
    return {
        "inferenceProfileId": id,
        "inferenceProfileName": id,
        "inferenceProfileArn": f"arn:aws:bedrock:{call.region}:{call.account}:inference-profile/{id}",
        "models": [{"modelArn": f"arn:aws:bedrock:{call.region}::foundation-model/{model}"}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
