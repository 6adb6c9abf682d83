"""Views that somebody shared, and the faults in force: what the control room keeps and asks for."""

from tests.workers.back_of_house import BackOfHouse
from workers import fleet, floods, ongoing, outages, sandboxes, shared_views


def test_a_view_is_kept_until_its_sandbox_goes_or_newer_ones_take_its_place(house: BackOfHouse) -> None:
    first = shared_views.keep(house.sandbox, {"depth": 1})
    other = shared_views.keep(sandboxes.create(), {"depth": 2})

    assert shared_views.find(first) == {"depth": 1}
    assert len(first) >= 16
    assert shared_views.find("nothing") is None
    newest = [shared_views.keep(house.sandbox, {}) for _ in range(shared_views.MOST_OF_A_SANDBOX)][-1]
    assert (shared_views.find(first), shared_views.find(newest)) == (None, {})
    sandboxes.delete(house.sandbox)
    assert shared_views.find(newest) is None
    assert shared_views.find(other) == {"depth": 2}


def test_faults_in_force_are_told_until_they_are_over(house: BackOfHouse) -> None:
    assert ongoing.ongoing(house.sandbox) == ()
    fleet.born(house.sandbox, "w1", "rq-1", 4242, "supervisor")
    floods.start(house.sandbox, 20, 5, "token")
    outages.start(house.sandbox, "slow", 30)
    fleet.wish_crash(house.sandbox, "w1", "before_ack")

    told = ongoing.ongoing(house.sandbox)

    assert [(each.kind, each.what) for each in told] == [("flood", "20"), ("outage", "slow"), ("crash", "before_ack")]
    outages.end(house.sandbox)
    fleet.disarm(house.sandbox)
    assert [each.kind for each in ongoing.ongoing(house.sandbox)] == ["flood"]
    assert ongoing.ongoing(sandboxes.create()) == ()
