"""Work named in another language than its customer is registered with: for whoever reads their page in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.models import KindText
from scheduling.reads.correspondence import WorkItem, text_in


def works_in(session: Session, works: Sequence[WorkItem], language: str) -> Sequence[WorkItem]:
    """The same work with its kind's texts in this language, else in English, else in whatever there is; one query."""
    texts = kind_texts(session, {work.kind for work in works})
    return [_said_in(work, text_in(texts.get(work.kind, {}), language)) for work in works]


def kind_texts(
    session: Session, kinds: Collection[str] | None = None
) -> Mapping[str, Mapping[str, KindText]]:
    """What these kinds of work are called (None: all), by kind and language."""
    query = select(KindText) if kinds is None else select(KindText).where(KindText.kind.in_(kinds))
    texts: dict[str, dict[str, KindText]] = {}
    for text in session.scalars(query):
        texts.setdefault(text.kind, {})[text.language] = text
    return texts


def _said_in(work: WorkItem, text: KindText | None) -> WorkItem:
    if text is None:
        return work
    return replace(work, kind_name=text.name, prepare=text.prepare, price=text.price)
