"""The form of a sandbox's settings: for requests, and for the scenarios that set them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workers.backpressure import LOW_SHARES, Answers
from workers.connection_pool import POOL_SIZE
from workers.sandboxes import CAPS, REQUEST_SLOTS, SPEEDS


def _a_speed(speed: float) -> float:
    if speed not in SPEEDS:
        raise ValueError("no such speed")
    return speed


def _a_share(share: float) -> float:
    if share not in LOW_SHARES:
        raise ValueError("no such share")
    return share


class Form(BaseModel):
    """A request body; a field that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    many: ClassVar[tuple[str, ...]] = ()  # the fields of which a browser's form may send several


class SettingsForm(Form):
    """Any subset of the settings that can be changed so far."""

    workers: Annotated[int, Field(ge=0, le=CAPS["workers"])] = 0
    speed: Annotated[float, AfterValidator(_a_speed), Field(json_schema_extra={"enum": list(SPEEDS)})] = 1
    acknowledge: Literal["late", "early"] = "late"
    visibility_timeout_s: Annotated[int, Field(ge=2, le=60)] = 8
    lease_renewal: bool = True
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    deaths: Annotated[int, Field(ge=1, le=10)] = 5
    backoff: Literal["none", "fixed", "exponential", "exponential_jitter"] = "exponential"
    idempotency: Literal["off", "check_then_mark", "claim_first", "claim_with_lease", "receiver"] = "off"
    idempotency_key: Literal["order", "email_address", "random"] = "order"
    fencing: bool = False
    handover: Literal["outbox", "commit_then_enqueue", "enqueue_then_commit"] = "outbox"
    partner: Literal["up", "slow", "flaky", "down"] = "up"
    webhook_timeout_s: Annotated[int, Field(ge=1, le=15)] = 15
    circuit_breaker: bool = False
    request_slots: Annotated[int, Field(ge=1, le=REQUEST_SLOTS)] = REQUEST_SLOTS
    pool_size: Annotated[int, Field(ge=1, le=POOL_SIZE)] = POOL_SIZE
    pool_for: Literal["workers", "everybody"] = "workers"
    cache: Literal["none", "expiring", "warm"] = "none"
    backpressure: Answers = "none"
    queue_limit: Annotated[int, Field(ge=10, le=CAPS["queued_tickets"])] = 100
    low_share: Annotated[float, AfterValidator(_a_share), Field(json_schema_extra={"enum": list(LOW_SHARES)})] = 0
    shed_after_s: Annotated[int, Field(ge=1, le=60)] = 5
