"""The decision helper: eight answers, four verdicts, and a reason for each answer."""

from __future__ import annotations

from itertools import product as combinations

import pytest

from lessons import decide
from lessons.problems import Invalid

ASKED = ("needed_now", "slow", "silent")
EIGHT = [dict(zip(ASKED, answers, strict=True)) for answers in combinations(("yes", "no"), repeat=3)]
VERDICTS = {
    "yes yes yes": "keep",
    "yes yes no": "keep",
    "yes no yes": "keep",
    "yes no no": "keep",
    "no no yes": "leave",
    "no no no": "leave",
    "no yes no": "careful",
    "no yes yes": "great",
}


@pytest.mark.parametrize("answers", EIGHT, ids=lambda answers: " ".join(answers.values()))
def test_every_combination_has_its_verdict_and_a_reason_for_each_answer(answers: dict[str, str]) -> None:
    operation = decide.operation(answers)

    assert operation.verdict
    assert operation.verdict.id == VERDICTS[" ".join(answers.values())]
    assert [(reason.question.id, reason.answer) for reason in operation.reasons] == [*answers.items()]
    assert all(reason.text for reason in operation.reasons)


def test_no_reason_is_written_for_answers_that_cannot_lead_to_its_verdict() -> None:
    for verdict in decide.helper().verdicts:
        reached = [answers for answers in EIGHT if decide.operation(answers).verdict == verdict]
        for question, reasons in verdict.reasons.items():
            assert set(reasons) == {answers[question] for answers in reached}


@pytest.mark.parametrize("kept", [(), ("slow",), ("needed_now", "slow"), ("needed_now", "silent")])
def test_what_is_missing_is_asked(kept: tuple[str, ...]) -> None:
    operation = decide.operation(dict.fromkeys(kept, "yes"))

    assert [question.id for question in operation.missing] == [each for each in ASKED if each not in kept]
    assert operation.verdict is None
    assert operation.reasons == ()


def test_an_empty_answer_is_none() -> None:
    assert len(decide.operation({"slow": "", "name": "  "}).missing) == 3


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"slow": "perhaps"}, ["slow"]),
        ({"slow": "YES", "silent": "\x00"}, ["slow", "silent"]),
        ({"name": "x" * 81, "needed_now": "<b>"}, ["name", "needed_now"]),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(fields: dict[str, str], wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        decide.operation(fields)

    assert [fault["field"] for fault in refused.value.fields] == wrong
    assert all(fault["problem"] and fault["allowed"] for fault in refused.value.fields)


def test_a_name_is_plain_text_without_tricks() -> None:
    assert decide.operation({"name": " Send \t the\n newsletter "}).name == "Send the newsletter"
    assert decide.operation({"name": "a\u202eb\u200fc\x07d"}).name == "abcd"
    assert decide.operation({"name": "x" * 80}).name == "x" * 80
