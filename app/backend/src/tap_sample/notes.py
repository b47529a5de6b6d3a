from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select

from tap_sample.database import OpenSession
from tap_sample.models import Note

router = APIRouter(prefix="/notes", tags=["notes"])


class NewNote(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    pinned: bool = False


class StoredNote(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    text: str
    pinned: bool


@router.get("", response_model=list[StoredNote])
def list_notes(session: OpenSession) -> Sequence[Note]:
    """The newest hundred, pinned ones first."""
    newest_first = select(Note).order_by(Note.pinned.desc(), Note.id.desc()).limit(100)
    return session.scalars(newest_first).all()


@router.post("", response_model=StoredNote, status_code=status.HTTP_201_CREATED)
def create_note(note: NewNote, session: OpenSession) -> Note:
    stored = Note(text=note.text, pinned=note.pinned)
    session.add(stored)
    session.commit()
    return stored
