"""The partner's webhook: a real HTTP POST to somebody else's server."""

from __future__ import annotations

from functools import lru_cache

import httpx

from workers.errors import Fenced, StepUnavailable
from workers.settings import current
from workers.shop import effects
from workers.shop.orders import Finish, Order

TOKEN_HEADER = "X-Fencing-Token"
TIMEOUT_S = 15  # longer than a slow partner takes at the lowest speed


def notify(order: Order, key: str | None, finish: Finish) -> None:
    """Tell the partner of the sale; it honours the key, and may have this one already.

    Raises StepUnavailable, and Fenced when it has seen a higher token.
    """
    headers = {"Idempotency-Key": key} if key else {}
    if order.token:
        headers[TOKEN_HEADER] = str(order.token)
    body = {"sandbox": order.sandbox, "order": order.number, "cents": order.cents}
    try:
        answer = client().post(f"{current().partner_url}/orders", json=body, headers=headers)
        if answer.status_code == 409 and order.token:
            raise Fenced("partner", order.token, int(answer.json()["highest"]))
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise _unavailable(error) from error
    effects.happened_outside(finish, first_time=bool(answer.json()["first_time"]))


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
