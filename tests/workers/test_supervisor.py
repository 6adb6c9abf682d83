"""Workers die, and their work does not."""

from tests.product import Sandbox


def test_a_crashed_workers_order_is_finished_by_another(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="before:pdf")

    order = sandbox.place("later")["id"]

    sandbox.wait_until_done(1)
    [crashed] = sandbox.events("WorkerCrashed")
    [acknowledged] = sandbox.events("MessageAcknowledged")
    assert crashed["order"] == acknowledged["order"] == order
    assert crashed["signal"] == "SIGKILL"
    assert acknowledged["worker"] != crashed["worker"]
    assert sandbox.order(order)["complete"]
