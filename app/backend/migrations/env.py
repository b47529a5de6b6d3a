from logging.config import fileConfig

from alembic import context

from tap_sample.database import engine_for
from tap_sample.models import Base
from tap_sample.settings import Settings

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    # `alembic upgrade head --sql` prints what would run.
    url = Settings().database_url.get_secret_value()
    context.configure(url=url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = engine_for(Settings())
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
