from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

from tap_sample import notes
from tap_sample.database import engine_for
from tap_sample.settings import Settings


class Health(BaseModel):
    status: str
    release: str


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(title="tap sample")
    app.state.engine = engine_for(settings)
    app.add_middleware(
        CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST"]
    )
    app.include_router(notes.router)

    # Says that this process serves, nothing more. A load balancer replaces the tasks that fail
    # their health check, and new tasks would not bring an unreachable database back.
    @app.get("/health")
    async def health() -> Health:
        return Health(status="ok", release=settings.release)

    return app
