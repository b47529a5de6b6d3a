"""SNS: a mail address is subscribed when its owner has said so."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting

API = "https://docs.aws.amazon.com/sns/latest/api/API_"
PENDING = "PendingConfirmation"


@setting("subscription")
def set_subscription(value: dict[str, Any]) -> None:
    """{"endpoint": address}: its owner has opened the link in the mail."""
    STATE["sns"].setdefault("confirmed", set()).add(value["endpoint"].lower())


def is_pending(call: Call, protocol: str, endpoint: str) -> bool:
    return protocol in ("email", "email-json") and endpoint.lower() not in call.state.get("confirmed", ())


@repair("sns", "Subscribe", "a mail address must confirm first", API + "Subscribe.html")
def subscribe(call: Call) -> Any:
    result = call.moto()
    pending = is_pending(call, call.params["Protocol"], call.params.get("Endpoint", ""))
    if pending and not call.params.get("ReturnSubscriptionArn"):
        result["SubscriptionArn"] = "pending confirmation"
    return result


@repair(
    "sns",
    ["ListSubscriptions", "ListSubscriptionsByTopic"],
    "an unconfirmed subscription has no ARN",
    API + "ListSubscriptionsByTopic.html",
)
def list_subscriptions(call: Call) -> Any:
    result = call.moto()
    for subscription in result.get("Subscriptions", []):
        if is_pending(call, subscription["Protocol"], subscription["Endpoint"]):
            subscription["SubscriptionArn"] = PENDING
    return result
