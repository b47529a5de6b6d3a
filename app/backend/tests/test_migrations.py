from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text


def columns(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        inspector = inspect(engine)
        if not inspector.has_table("notes"):
            return set()
        return {column["name"] for column in inspector.get_columns("notes")}
    finally:
        engine.dispose()


def test_each_migration_goes_up_and_down(alembic_config: Config, database_url: str) -> None:
    command.upgrade(alembic_config, "0001")
    assert columns(database_url) == {"id", "text"}
    command.upgrade(alembic_config, "0002")
    assert columns(database_url) == {"id", "text", "pinned"}
    command.downgrade(alembic_config, "0001")
    assert columns(database_url) == {"id", "text"}
    command.downgrade(alembic_config, "base")
    assert columns(database_url) == set()


def test_models_and_migrations_agree(alembic_config: Config) -> None:
    command.upgrade(alembic_config, "head")
    command.check(alembic_config)


def test_the_release_before_can_insert_after_the_migration(
    alembic_config: Config, database_url: str
) -> None:
    command.upgrade(alembic_config, "head")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO notes (text) VALUES ('from before')"))
        assert connection.scalar(text("SELECT pinned FROM notes")) in (False, 0)
    engine.dispose()
