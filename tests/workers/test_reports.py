"""Readers' reports, and what the operator does about them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.workers.back_of_house import BackOfHouse
from workers import posts, reports, sandboxes
from workers.database import read
from workers.posts import Post
from workers.tables import post_reports

NAMES = ("Calm spoon", "Brisk ladle")


@pytest.fixture
def author(house: BackOfHouse) -> str:
    return house.sandbox


def somebody() -> str:
    return sandboxes.create(awake=False)


def said(reader: str | None = None, lesson: str = "crashes", before: int | None = None, most: int = 50) -> list[str]:
    return [post.text for post in posts.of_lesson(lesson, reader, before, most)]


def add(author: str, text: str, lesson: str = "crashes") -> Post:
    return posts.add(author, lesson, NAMES, text)


def report(post: Post, times: int) -> None:
    for _ in range(times):
        assert reports.report(somebody(), post.lesson, post.id)


def reports_kept() -> int:
    with read() as db:
        return int(db.execute(select(func.count()).select_from(post_reports)).scalar_one())


def test_the_third_reader_hides_a_post_until_it_is_shown_again(author: str) -> None:
    post = add(author, "Buy my watch.")
    nosy = somebody()
    for _ in range(5):
        assert reports.report(nosy, "crashes", post.id)
    report(post, 1)
    assert said() == ["Buy my watch."]
    assert reports.reported_by(nosy, [post]) == {post.id}

    report(post, 1)
    assert said() == []
    assert said(author) == ["Buy my watch."]
    assert not reports.report(somebody(), "crashes", post.id)

    assert reports.show(post.id)
    assert said() == ["Buy my watch."]
    assert reports_kept() == 0


def test_reports_at_the_same_moment_are_all_counted(author: str) -> None:
    post = add(author, "Buy my watch.")
    readers = [somebody() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda reader: reports.report(reader, "crashes", post.id), readers))

    assert reports.to_review(1)[0].reports == 3
    assert said() == []


def test_a_report_of_what_is_not_there_is_none(author: str) -> None:
    post = add(author, "one")

    assert not reports.report(author, "retries", post.id)
    assert not reports.report(author, "crashes", post.id + 1)
    assert reports_kept() == 0


def test_a_new_post_does_not_inherit_the_reports_of_one_that_went_with_its_author(house: BackOfHouse) -> None:
    gone = add(house.sandbox, "one")
    report(gone, 2)
    sandboxes.delete(house.sandbox)
    assert said() == []

    new = add(somebody(), "two")
    report(new, 1)

    assert said() == ["two"]


def test_the_operator_sees_hidden_ones_first_then_reported_ones_then_the_newest(author: str) -> None:
    hidden, reported, *_ = [add(author, text) for text in ("hidden", "reported", "old", "new")]
    reports.hide(hidden.id)
    report(reported, 1)

    assert [post.text for post in reports.to_review(9)] == ["hidden", "reported", "new", "old"]
    assert [post.text for post in reports.to_review(1)] == ["hidden"]
    for act in (reports.hide, reports.show, reports.remove):
        assert not act(999)
