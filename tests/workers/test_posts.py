"""The discussion's posts: their order, their names, and how many there can be."""

import pytest
from sqlalchemy import func, select

from tests.workers.back_of_house import BackOfHouse
from workers import posts, reports, sandboxes
from workers.database import read
from workers.errors import OverLimit
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


def test_posts_come_newest_last_and_by_lesson(author: str) -> None:
    made = [add(author, text) for text in ("one", "two", "three")]
    add(author, "elsewhere", "retries")

    assert said() == ["one", "two", "three"]
    assert said(most=2) == ["two", "three"]
    assert said(before=made[1].id) == ["one"]
    assert posts.of_lesson("crashes", None, None, 50) == made


def test_two_readers_of_a_lesson_never_share_a_name_by_chance(author: str) -> None:
    first, second = add(author, "one"), add(somebody(), "two")

    assert [first.name, second.name] == list(NAMES)
    assert posts.name_of(author, "crashes") == NAMES[0]
    assert posts.name_of(author, "retries") is None
    reports.remove(first.id)
    assert add(second.sandbox, "three").name == NAMES[1], "she keeps the name that she was known by"
    assert add(somebody(), "four", "retries").name == NAMES[0]


def test_only_the_author_withdraws_a_post_and_its_reports_go_too(author: str) -> None:
    post = add(author, "one")
    report(post, 1)

    assert not posts.withdraw(somebody(), "crashes", post.id)
    assert not posts.withdraw(author, "retries", post.id)
    assert said() == ["one"]
    assert posts.withdraw(author, "crashes", post.id)
    assert said() == []
    assert reports_kept() == 0


def test_in_a_full_discussion_the_oldest_hidden_one_makes_room(author: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "MOST", 3)
    made = [add(author, text) for text in ("one", "two", "three")]
    with pytest.raises(OverLimit, match="full"):
        add(author, "four")
    add(author, "another lesson has room", "retries")

    reports.hide(made[1].id)
    reports.hide(made[2].id)
    add(author, "four")

    assert said(author) == ["one", "three", "four"]
