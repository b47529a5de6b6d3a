from fastapi.testclient import TestClient
from pydantic import SecretStr

from tap_sample.app import create_app
from tap_sample.settings import Settings


def test_health_names_the_release(client: TestClient) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "release": "abc123"}


def test_health_does_not_depend_on_the_database() -> None:
    nowhere = SecretStr("postgresql://user:password@127.0.0.1:1/none?sslmode=require")
    client = TestClient(create_app(Settings(database_url=nowhere)))

    assert client.get("/health").status_code == 200
