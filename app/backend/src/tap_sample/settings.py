from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Read from the environment; a missing or malformed variable stops the start."""

    database_url: SecretStr
    cors_origins: list[str] = []  # as JSON: ["https://example.com"]
    release: str = "development"
