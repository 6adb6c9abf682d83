"""The partner's webhook: a real HTTP POST to somebody else's server."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httpx

from workers.errors import Fenced, StepUnavailable
from workers.settings import current
from workers.shop import effects
from workers.shop.orders import Finish, Order

TOKEN_HEADER = "X-Fencing-Token"
TIMEOUT_S = 15.0  # longer than a slow partner takes at the lowest speed
Guard = Callable[[Callable[[], Any]], Any]  # makes the call, or raises instead


def _unguarded(call: Callable[[], Any]) -> Any:
    return call()


def notify(
    order: Order, key: str | None, finish: Finish, *, timeout_s: float = TIMEOUT_S, guard: Guard = _unguarded
) -> None:
    """Tell the partner of the sale; it honours the key, and may have this one already.

    Raises StepUnavailable, and Fenced when it has seen a higher token. After a time-out nobody here knows whether it
    was done: the partner may be at it all the same.
    """

    def call() -> bool:
        return _post(order, key, timeout_s)

    effects.happened_outside(finish, first_time=guard(call))


def _post(order: Order, key: str | None, timeout_s: float) -> bool:
    """One real call; whether the partner had not heard of this sale before."""
    headers = {"Idempotency-Key": key} if key else {}
    if order.token:
        headers[TOKEN_HEADER] = str(order.token)
    body = {"sandbox": order.sandbox, "order": order.number, "cents": order.cents}
    try:
        answer = client().post(f"{current().partner_url}/orders", json=body, headers=headers, timeout=timeout_s)
        if answer.status_code == 409 and order.token:
            raise Fenced("partner", order.token, int(answer.json()["highest"]))
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise _unavailable(error) from error
    return bool(answer.json()["first_time"])


def _unavailable(error: httpx.HTTPError) -> StepUnavailable:
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return StepUnavailable(f"The partner answered {status} to the webhook.", f"partner answered {status}")
    kind = "time-out" if isinstance(error, httpx.TimeoutException) else "partner is away"
    return StepUnavailable(f"The partner's webhook failed: {error}", kind)


@lru_cache
def client() -> httpx.Client:
    """One for the process: making a client takes longer than the call."""
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=False)  # it speaks plain HTTP
