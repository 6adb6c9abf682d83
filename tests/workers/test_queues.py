"""The only door in: what others put on our queue is not run, and harms nothing."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import DefaultSerializer, JSONSerializer

from tests.product import Product, Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from workers import queues
from workers.errors import UnknownMessage
from workers.queues import SignedJson


class Signed:
    """A serializer that signs with any key, also with the right one."""

    def __init__(self, key: str) -> None:
        self.key = key

    def dumps(self, value: Any) -> bytes:
        body = json.dumps(value).encode()
        return hmac.new(self.key.encode(), body, "sha256").hexdigest().encode() + body

    def loads(self, data: bytes) -> Any:
        return json.loads(data[64:])


@pytest.fixture
def smuggle(product: Product, sandbox: Sandbox) -> Iterator[Callable[..., str]]:
    """Puts a job of somebody else's on the sandbox's queue; its id."""
    broker = Redis(unix_socket_path=str(product.data_dir / "valkey.sock"))

    def put(serializer: Any, function: str, *payload: Any, job_id: str) -> str:
        queue = Queue(f"{sandbox.id}:checkout", connection=broker, serializer=serializer)
        return str(queue.enqueue(function, *payload, job_id=job_id).id)

    with broker:
        yield put


def failed(product: Product, smuggled: set[str]) -> set[str]:
    """Those of these jobs that were taken from the queue and not run."""
    with Redis(unix_socket_path=str(product.data_dir / "valkey.sock")) as broker:
        return {job for job in smuggled if broker.hget(f"rq:job:{job}", "status") == b"failed"}


def test_a_foreign_function_is_not_run_however_it_is_written(
    product: Product, sandbox: Sandbox, smuggle: Callable[..., str], tmp_path: Path
) -> None:
    sandbox.change(visibility_timeout_s=2)
    ours = Signed((product.data_dir / "secret-key").read_text())
    serializers = (DefaultSerializer, JSONSerializer, Signed("not our key"), ours)

    smuggled = {
        smuggle(serializer, "os.mkdir", str(tmp_path / f"{number}"), job_id=f"{job_id}{number}")
        for number, serializer in enumerate(serializers)
        for job_id in ("foreign-", "no_number_")
    }

    eventually(lambda: failed(product, smuggled) == smuggled, 20, "all eight set aside as failed")
    assert list(tmp_path.iterdir()) == []
    sandbox.place()
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert (ledger["placed"], ledger["done"], ledger["lost"]) == (1, 1, 0)
    assert sandbox.events("WorkerCrashed", "MessageRedelivered", "StepFailed") == []


def test_our_function_with_a_payload_that_we_did_not_write_is_set_aside(
    product: Product, sandbox: Sandbox, smuggle: Callable[..., str]
) -> None:
    ours = Signed((product.data_dir / "secret-key").read_text())
    payloads: list[Any] = [{"nonsense": 1}, {"sandbox": "abc", "order": "1001"}, [], "text", None]

    smuggled = {
        smuggle(ours, "workers.tasks.complete_order", payload, job_id=f"nonsense-{number}")
        for number, payload in enumerate(payloads)
    }

    eventually(lambda: failed(product, smuggled) == smuggled, 20, "all five set aside as failed")
    assert sandbox.events("MessageTaken") == []


def test_a_lost_workers_foreign_message_does_not_bring_down_the_house(
    product: Product, sandbox: Sandbox, smuggle: Callable[..., str]
) -> None:
    sandbox.wait_for_workers(2)
    sandbox.change(workers=0)
    sandbox.wait_for("WorkerStopped", 2)
    supervisor = product.process_of("workers.supervisor").pid
    with Redis(unix_socket_path=str(product.data_dir / "valkey.sock")) as broker:
        broker.hset("rq:job:no_number", "status", "started")
        broker.zadd(f"rq:wip:{sandbox.id}:checkout", {"no_number:1": 1})

    [redelivered] = sandbox.wait_for("MessageRedelivered")

    assert (redelivered["message"], redelivered["order"]) == ("no_number", None)
    assert product.process_of("workers.supervisor").pid == supervisor


def test_what_is_signed_can_be_read_back(house: BackOfHouse) -> None:
    value: list[Any] = ["workers.tasks.complete_order", None, [{"sandbox": "abc", "order": 1}], {}]

    assert SignedJson.loads(SignedJson.dumps(value)) == value


@pytest.mark.parametrize(
    "spoil",
    [lambda data: b"", lambda data: data[:64], lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:]],
)
def test_what_was_changed_on_its_way_is_not_read(house: BackOfHouse, spoil: Callable[[bytes], bytes]) -> None:
    data = SignedJson.dumps({"order": 1001})

    with pytest.raises(UnknownMessage, match="signature"):
        SignedJson.loads(spoil(data))


def test_a_message_that_is_sent_twice_waits_once(house: BackOfHouse) -> None:
    message = house.commit()

    queues.enqueue(message)
    queues.enqueue(message)

    assert house.waiting() == [message.id]


def test_a_dropped_queue_is_forgotten_with_what_waited_on_it(house: BackOfHouse) -> None:
    message = house.place()

    queues.drop(house.sandbox)

    assert house.waiting() == []
    assert not house.broker.exists(f"rq:job:{message.id}")
