"""Every reason that a page can be told is one of a few words, and the page has a sentence for each."""

import ast
import re
from pathlib import Path

import pytest

from autocall import reasons
from autocall.leads import needs_person
from tests.page_modules import exports_of

ROOT = Path(__file__).parents[2]
WORDS = {name: value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)}
NUMBERED = {
    reasons.ACCOUNT_REFUSED: reasons.account_refused(20003),
    reasons.NOT_CONNECTED: reasons.not_connected("404"),
    reasons.REFUSED: reasons.refused(21215),
}


def _sentences() -> set[str]:
    """What the page has a sentence for; it compares without regard to case."""
    return {word.lower() for word in exports_of("texts.ts")["reasons"]}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_the_page_has_a_sentence_for_every_reason(word: str) -> None:
    assert word.lower() in _sentences()


def test_a_number_stands_in_brackets_behind_the_words() -> None:
    assert list(NUMBERED.values()) == [
        "account refused (20003)",
        "not connected (SIP 404)",
        "Twilio refused the call (21215)",
    ]
    assert all(re.fullmatch(rf"{words} \((SIP )?\d+\)", said) for words, said in NUMBERED.items())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("account refused (20003)", (reasons.ACCOUNT_REFUSED, "20003")),
        ("not connected (SIP 603)", (reasons.NOT_CONNECTED, "603")),
        ("Twilio refused the call (21211)", (reasons.REFUSED, "21211")),
        ("hours", (reasons.HOURS, "")),
        ("outside calling hours (US-FL)", ("outside calling hours (US-FL)", "")),
        ("a text of an earlier release", ("a text of an earlier release", "")),
        ("", ("", "")),
    ],
)
def test_a_stored_text_is_read_as_code_and_detail_and_written_as_it_was(text: str, parts: tuple[str, str]) -> None:
    assert reasons.Reason.parse(text) == parts
    assert str(reasons.Reason.parse(text)) == text


PERMISSION = ("21203", "21215", "21216", "21219")
BY_A_PERSON = ["zone", "window", "consent", "confirm", *(f"Twilio refused the call ({code})" for code in PERMISSION)]


@pytest.mark.parametrize("text", [*WORDS.values(), *NUMBERED.values(), *BY_A_PERSON, "Twilio refused the call (29999)"])
def test_only_a_person_can_help_where_a_gate_or_a_permission_stays_closed(text: str) -> None:
    assert needs_person(text) is (text in BY_A_PERSON)


@pytest.mark.parametrize("text", [*WORDS.values(), *NUMBERED.values()])
def test_twilio_has_refused_what_says_so(text: str) -> None:
    assert reasons.is_refusal(text) is (text in (reasons.REFUSED, "Twilio refused the call (21215)"))


def test_no_two_reasons_are_the_same_word() -> None:
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("part", ["autocall", "functions"])
def test_no_gate_says_why_in_words_of_its_own(part: str) -> None:
    for module in (ROOT / part).rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
        said = [call for call in calls if ast.unparse(call.func).split(".")[-1] in ("Stop", "Held", "rest", "set_rest")]
        own = [ast.unparse(call) for call in said if call.args and isinstance(call.args[0], ast.Constant)]
        assert not own, module


def test_every_reason_says_where_it_appears() -> None:
    body = ast.parse((ROOT / "autocall" / "reasons.py").read_text()).body
    for constant, behind in zip(body, [*body[1:], None], strict=True):
        if isinstance(constant, ast.Assign):
            assert isinstance(behind, ast.Expr), ast.unparse(constant)
