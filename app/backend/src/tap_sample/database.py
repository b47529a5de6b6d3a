from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from tap_sample.settings import Settings


def engine_for(settings: Settings) -> Engine:
    """Connects when first used, not here."""
    return create_engine(settings.database_url.get_secret_value(), pool_pre_ping=True)


def open_session(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine) as session:
        yield session


OpenSession = Annotated[Session, Depends(open_session)]
