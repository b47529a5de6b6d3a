import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

from tap_sample.app import create_app
from tap_sample.settings import Settings

BACKEND = Path(__file__).parent.parent


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """SQLite, or the PostgreSQL of TEST_DATABASE_URL: an empty database, emptied again."""
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path}/test.db")
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def alembic_config(database_url: str) -> Iterator[Config]:
    config = Config(BACKEND / "alembic.ini")
    yield config
    command.downgrade(config, "base")


@pytest.fixture
def client(alembic_config: Config) -> Iterator[TestClient]:
    """The API on a database that the migrations have made."""
    command.upgrade(alembic_config, "head")
    app = create_app(Settings(cors_origins=["https://example.com"], release="abc123"))
    with TestClient(app) as client:
        yield client
    app.state.engine.dispose()
