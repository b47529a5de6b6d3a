import pytest
from pydantic import ValidationError

from tap_sample.database import engine_for
from tap_sample.settings import Settings


def test_settings_are_those_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@db:5432/tap?sslmode=require")
    monkeypatch.setenv("CORS_ORIGINS", '["https://example.com"]')
    settings = Settings()

    assert settings.cors_origins == ["https://example.com"]
    assert "p%40ss" not in repr(settings)
    engine = engine_for(settings)
    assert engine.driver == "psycopg"
    assert engine.url.password == "p@ss"
    assert engine.url.query == {"sslmode": "require"}


def test_no_database_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    with pytest.raises(ValidationError, match="database_url"):
        Settings()
