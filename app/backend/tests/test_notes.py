import pytest
from fastapi.testclient import TestClient


def test_a_note_is_stored(client: TestClient) -> None:
    created = client.post("/notes", json={"text": "  buy milk "})

    assert created.status_code == 201
    assert created.json() == {"id": 1, "text": "buy milk", "pinned": False}
    assert client.get("/notes").json() == [created.json()]


def test_pinned_notes_come_first_then_the_newest(client: TestClient) -> None:
    for text, pinned in [("old", False), ("pinned", True), ("new", False)]:
        client.post("/notes", json={"text": text, "pinned": pinned})

    assert [note["text"] for note in client.get("/notes").json()] == ["pinned", "new", "old"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_a_note_without_sensible_text_is_refused(client: TestClient, text: str) -> None:
    assert client.post("/notes", json={"text": text}).status_code == 422
    assert client.get("/notes").json() == []
