from fastapi.testclient import TestClient


def preflight(client: TestClient, origin: str) -> dict[str, str]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return dict(client.options("/notes", headers=headers).headers)


def test_the_site_may_call_the_api(client: TestClient) -> None:
    allowed = preflight(client, "https://example.com")

    assert allowed["access-control-allow-origin"] == "https://example.com"
    assert "POST" in allowed["access-control-allow-methods"]


def test_another_site_may_not(client: TestClient) -> None:
    assert "access-control-allow-origin" not in preflight(client, "https://elsewhere.example")
