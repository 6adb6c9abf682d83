"""Work that fails is tried again after a pause, and put aside after the last of its tries."""

from __future__ import annotations

from datetime import timedelta

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import in_dead_set
from workers import audit, events, ledger, outbox, reaper, retries, sandboxes, tables
from workers.attempts import Attempt
from workers.database import utc_now
from workers.errors import StepUnavailable
from workers.failures import Failure
from workers.messages import CompleteOrder

REFUSED = StepUnavailable("The mail server answered 550: no such domain", "mail server answered 550")


def test_a_failure_is_counted_and_the_next_try_has_its_time(house: BackOfHouse) -> None:
    message = house.place()

    verdict = fail(message)

    row = house.row(message)
    assert (verdict.fate, row.failures, row.dead_at) == ("retry", 1, None)
    assert verdict.at == row.due_at
    assert 0.5 < (row.due_at - utc_now()).total_seconds() <= 1
    [scheduled] = house.events("RetryScheduled")
    assert isinstance(scheduled, events.RetryScheduled)
    assert (scheduled.delay_s, scheduled.error, scheduled.step) == (1, str(REFUSED), "email")


def test_without_a_backoff_the_next_try_is_at_once(house: BackOfHouse) -> None:
    house.change(backoff="none")
    message = house.place()

    assert fail(message) == retries.Verdict("retry")
    assert house.row(message).due_at is None


def test_after_the_last_try_it_is_a_dead_letter_with_its_reason(house: BackOfHouse) -> None:
    message = house.place()

    fates = [fail(message).fate for _ in range(3)]

    assert fates == ["retry", "retry", "dead"]
    assert house.row(message).dead_at is not None
    [told] = house.events("MessageDeadLettered")
    assert isinstance(told, events.MessageDeadLettered)
    assert told.group == "email: mail server answered 550"


def test_the_number_of_tries_is_a_setting(house: BackOfHouse) -> None:
    house.change(attempts=1)

    assert fail(house.place()).fate == "dead"


def test_a_duplicate_that_fails_after_the_work_was_done_changes_nothing(house: BackOfHouse) -> None:
    message = house.place()
    outbox.close(message, "w1", 1)

    assert fail(message).fate == "over"
    assert house.row(message).due_at is None
    assert house.events("RetryScheduled", "MessageDeadLettered") == []


def test_a_dead_letter_is_refused_to_a_worker_that_pulls_it(house: BackOfHouse) -> None:
    message = dead(house)

    assert outbox.taken(message, "w1", 8) is None


def test_a_late_success_leaves_a_dead_letter_to_its_reader(house: BackOfHouse) -> None:
    message = dead(house)

    outbox.close(message, "w1", 1)

    assert house.row(message).closed_at is None


def test_a_retry_comes_back_to_the_end_of_its_queue_when_it_is_due(house: BackOfHouse) -> None:
    message, other = house.place(), house.place()
    schedule(house, message, due_in_s=0.2)
    assert reaper.bring_back(house.broker, [house.sandbox]) == 0
    assert house.waiting() == [other.id]

    schedule(house, message, due_in_s=-0.1)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 1
    assert reaper.bring_back(house.broker, [house.sandbox]) == 0
    assert house.waiting() == [other.id, message.id]
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"queued"
    [redelivered] = house.events("MessageRedelivered")
    assert isinstance(redelivered, events.MessageRedelivered)
    assert redelivered.reason == "retry due"


def test_what_was_finished_meanwhile_is_not_tried_again(house: BackOfHouse) -> None:
    message = house.place()
    schedule(house, message, due_in_s=-0.1)
    house.acknowledge(message)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 0
    assert house.waiting() == []


def test_a_worker_that_died_before_it_could_schedule_the_retry_costs_the_pause_only(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, for_s=-0.1)
    fail(message)

    reaper.bring_back(house.broker, [house.sandbox])

    assert house.waiting() == [message.id]
    assert outbox.taken(message, "w2", 8) == 1
    assert house.row(message).due_at is None


def test_a_worker_that_died_before_it_could_bury_a_dead_letter_does_not_make_it_live(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, for_s=-0.1)
    house.change(attempts=1)
    fail(message)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 0

    assert house.waiting() == []
    assert in_dead_set(house) == [message.id]
    assert house.events("MessageRedelivered") == []


def test_the_audit_buries_a_dead_letter_that_it_finds_elsewhere(house: BackOfHouse) -> None:
    waiting, forgotten = dead(house), dead(house)
    house.broker.delete(f"rq:job:{forgotten.id}")
    house.broker.lrem(f"rq:queue:{forgotten.queue}", 1, forgotten.id)
    assert house.waiting() == [waiting.id]
    house.age(tables.outbox, by_s=10)

    assert audit.find_orphans(house.broker, set()) == set()

    assert house.waiting() == []
    assert sorted(in_dead_set(house)) == sorted([waiting.id, forgotten.id])
    assert house.events("MessageRedelivered") == []


def test_the_audit_knows_the_scheduled(house: BackOfHouse) -> None:
    message = house.place()
    schedule(house, message, due_in_s=60)
    house.age(tables.outbox, by_s=10)

    assert audit.find_orphans(house.broker, set()) == set()


def test_a_scheduled_message_that_the_broker_forgot_has_its_try_earlier(house: BackOfHouse) -> None:
    message = house.place()
    fail(message)
    house.broker.flushall()
    house.age(tables.outbox, by_s=10)

    audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))

    assert house.waiting() == [message.id]


def test_a_message_that_is_dead_only_at_the_broker_is_enqueued_again(house: BackOfHouse) -> None:
    message = house.place()
    house.broker.lrem(f"rq:queue:{message.queue}", 1, message.id)
    house.broker.zadd(f"rq:failed:{message.queue}", {message.id: 1})
    house.age(tables.outbox, by_s=10)

    audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))

    assert house.waiting() == [message.id]
    assert in_dead_set(house) == []


def test_the_ledger_counts_the_scheduled_and_the_dead_apart(house: BackOfHouse) -> None:
    house.place()
    fail(house.place())
    dead(house)

    books = ledger.read_books(house.sandbox)

    assert (books.ledger.waiting, books.ledger.scheduled, books.ledger.dead) == (1, 1, 1)
    assert books.ledger.adds_up
    assert (books.dead_letters, books.oldest_dead is not None) == (1, True)


def test_a_sandbox_with_a_scheduled_message_stays_awake_and_one_with_dead_letters_sleeps(house: BackOfHouse) -> None:
    dead(house)
    assert audit.busy_sandboxes() == set()

    fail(house.place())

    assert audit.busy_sandboxes() == {house.sandbox}


def test_dead_letters_do_not_fill_the_shop(house: BackOfHouse) -> None:
    dead(house)

    assert house.open_messages() == 0


def test_deleting_a_sandbox_takes_its_dead_and_scheduled_messages_along(house: BackOfHouse) -> None:
    schedule(house, house.place(), due_in_s=60)
    house.age(tables.outbox, by_s=10)
    dead(house)
    audit.find_orphans(house.broker, set())

    sandboxes.delete(house.sandbox)

    assert house.broker.keys(f"*{house.sandbox}*") == []


def attempt(step: str | None = "email") -> Attempt:
    return Attempt("worker", 10, "off", worker="w1", step=step)


def fail(message: CompleteOrder, error: Exception = REFUSED) -> retries.Verdict:
    """Let a try of the message fail, without telling the broker."""
    return retries.judge(Failure(message, attempt(), error))


def dead(house: BackOfHouse) -> CompleteOrder:
    """A message that the ledger says is dead, and that still waits on its queue."""
    message = house.place()
    while fail(message).fate != "dead":
        pass
    return message


def schedule(house: BackOfHouse, message: CompleteOrder, due_in_s: float) -> None:
    """The broker's part of a scheduled retry."""
    house.broker.lrem(f"rq:queue:{message.queue}", 1, message.id)
    due_at = utc_now() + timedelta(seconds=due_in_s)
    house.broker.zadd(f"rq:scheduled:{message.queue}", {message.id: due_at.timestamp()})
