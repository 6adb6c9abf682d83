"""Readers' reports of posts, and what the operator does about them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from workers.database import begin, insert_once, read, utc_now
from workers.posts import Post, delete_where, found, with_reports
from workers.tables import post_reports, posts

REPORTS_THAT_HIDE = 3


def report(sandbox: str, lesson: str, post: int) -> bool:
    """Ask the operator to look; the third reader's report hides the post. False when there is no such post to see."""
    seen = select(posts.c.id).where(posts.c.id == post, posts.c.lesson == lesson, posts.c.hidden_at.is_(None))
    count = select(func.count()).select_from(post_reports).where(post_reports.c.post == post)
    with begin() as db:
        if db.execute(seen.with_for_update()).first() is None:
            return False
        new = insert_once(db, post_reports, post=post, sandbox=sandbox, at=utc_now())
        if new and db.execute(count).scalar_one() >= REPORTS_THAT_HIDE:
            db.execute(update(posts).where(posts.c.id == post).values(hidden_at=utc_now()))
    return True


def reported_by(sandbox: str, among: Sequence[Post]) -> set[int]:
    """The ids of those that this reader reported."""
    mine = post_reports.c.sandbox == sandbox
    with read() as db:
        return set(
            db.execute(
                select(post_reports.c.post).where(mine, post_reports.c.post.in_([p.id for p in among]))
            ).scalars()
        )


def to_review(most: int) -> list[Post]:
    """For the operator: hidden ones first, then reported ones, then the newest of all lessons."""
    reports = with_reports().subquery()
    order = (reports.c.hidden_at.is_(None), reports.c.reports == 0, reports.c.id.desc())
    return found(select(reports).order_by(*order).limit(most))


def hide(post: int) -> bool:
    """Take a post from everybody's sight but its author's; False when there is none."""
    with begin() as db:
        hidden = update(posts).where(posts.c.id == post).values(hidden_at=utc_now())
        return db.execute(hidden.returning(posts.c.id)).first() is not None


def show(post: int) -> bool:
    """Show a post again and drop its reports; False when there is none."""
    with begin() as db:
        db.execute(delete(post_reports).where(post_reports.c.post == post))
        shown = update(posts).where(posts.c.id == post).values(hidden_at=None)
        return db.execute(shown.returning(posts.c.id)).first() is not None


def remove(post: int) -> bool:
    """Delete anybody's post; False when there is none."""
    return delete_where(posts.c.id == post)
