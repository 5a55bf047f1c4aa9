"""Whether a callback is Twilio's: by its signature over the configured address and the form that came."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from autocall.audio import AGENT, Audio
from autocall.leads import Attempt
from autocall.signature import FRAGMENTS, FormData, is_valid_signature
from functions.dialer.call_request import CallRequest

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "twilio_signature_vectors.json"
URL = "https://calls.example.com/twilio/status/agent/lead?attempt=abc"
PAIRS = [("CallSid", "CA1"), ("CallStatus", "completed"), ("Called", "+15005550100")]
TOKEN = "12345"


def _signed(pairs: list[tuple[str, str]], url: str = URL, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, FormData(pairs)))


def test_a_form_that_the_account_signed_is_genuine() -> None:
    assert is_valid_signature(URL, FormData(PAIRS), _signed(PAIRS), [TOKEN])


def test_the_published_example_is_genuine() -> None:
    """The one that Twilio's own libraries test with."""
    pairs = parse_qsl(
        "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
    )
    url, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_valid_signature(url, FormData(pairs), signature, [TOKEN])
    assert not is_valid_signature(url, FormData(pairs), "NOT" + signature, [TOKEN])


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [*PAIRS, ("AnsweredBy", "")],
        [*PAIRS, ("", "no name")],
        [*PAIRS, ("Tag", "b"), ("Tag", "a")],
        [*PAIRS, ("Tag", "a"), ("Tag", "a")],
        [*PAIRS, ("CallerName", "Ünïcödé 🙂 & = % +")],
    ],
    ids=["empty", "a blank value", "a blank name", "a repeated name", "a repeated pair", "unicode"],
)
def test_every_shape_of_form_is_read_as_it_was_signed(pairs: list[tuple[str, str]]) -> None:
    assert is_valid_signature(URL, FormData(pairs), _signed(pairs), [TOKEN])


def test_the_order_of_the_form_does_not_matter() -> None:
    assert is_valid_signature(URL, FormData(PAIRS[::-1]), _signed(PAIRS), [TOKEN])


@pytest.mark.parametrize(
    "changed",
    [PAIRS[:-1], [*PAIRS, ("Extra", "1")], [*PAIRS, ("Extra", "")], [("CallSid", "CA2"), *PAIRS[1:]], []],
    ids=["one less", "one more", "one blank more", "another value", "nothing"],
)
def test_a_form_that_was_changed_on_the_way_is_not(changed: list[tuple[str, str]]) -> None:
    assert not is_valid_signature(URL, FormData(changed), _signed(PAIRS), [TOKEN])


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("/lead", "/other"),
        URL.replace("abc", "abd"),
        URL.partition("?")[0],
        URL + "&more=1",
        URL.replace("calls.example.com", "evil.example.com"),
        URL.replace("https", "http"),
    ],
)
def test_a_signature_for_another_address_is_not(url: str) -> None:
    assert not is_valid_signature(URL, FormData(PAIRS), _signed(PAIRS, url), [TOKEN])


def test_every_token_counts_while_they_are_rotated() -> None:
    for token in ("old", "new"):
        assert is_valid_signature(URL, FormData(PAIRS), _signed(PAIRS, token=token), ["new", "old"])
    assert not is_valid_signature(URL, FormData(PAIRS), _signed(PAIRS, token="older"), ["new", "old"])
    assert not is_valid_signature(URL, FormData(PAIRS), _signed(PAIRS), [])


@pytest.mark.parametrize("signature", ["", " ", "=", "A" * 28, "ü", "\x00", "A" * 100_000])
def test_what_is_no_signature_is_refused_and_not_a_crash(signature: str) -> None:
    assert not is_valid_signature(URL, FormData(PAIRS), signature, [TOKEN])


def test_the_signature_of_an_empty_form_does_not_open_a_full_one() -> None:
    assert not is_valid_signature(URL, FormData(PAIRS), _signed([]), [TOKEN])


def test_a_bodys_hash_in_the_address_is_no_way_around_the_form() -> None:
    """Twilio's validator takes `bodySHA256` for a JSON body: a form has none."""
    url = URL + "&bodySHA256=" + "0" * 64
    assert not is_valid_signature(url, FormData(PAIRS), _signed([], url), [TOKEN])


def test_the_first_of_a_repeated_name_is_read() -> None:
    form = FormData([("A", "1"), ("A", "2")])
    assert (form.get("A"), form.get("B"), form.getall("A")) == ("1", "", ["1", "2"])


def test_the_vectors_of_twilios_own_libraries_are_judged_as_there() -> None:
    if not VECTORS.exists():
        pytest.skip("the collection of Twilio's vectors is not beside this repository; the cases above stand alone")
    for vector in json.loads(VECTORS.read_text())["vectors"]:
        if vector["params"] is None:
            continue  # a JSON body: a status callback is a form
        form = FormData((name, value if value is not None else "") for name, value in vector["params"])
        said = is_valid_signature(vector["url"], form, vector["signature"], [vector["token"]])
        assert said == vector["twilio_python_9_13_0_result"], vector["name"]


@pytest.mark.parametrize("address", ["StatusCallback", "Url"])
def test_a_signature_over_the_address_with_its_fragment_is_twilios_too(address: str) -> None:
    """As the dialer gives the address; no other fragment is."""
    audio = Audio(AGENT, "Acme", "+15005550006", 30, "https://calls.example.com/fallback.xml")
    options = CallRequest(25, 600, "Hello.", "", "https://calls.example.com", audio)
    given = options.params(Attempt("ada", "lead", "attempt"), "+12015550123", "+15005550006")[address]
    url, _, fragment = given.partition("#")
    assert f"#{fragment}" in FRAGMENTS
    form = FormData([("CallSid", "CA1"), ("CallStatus", "ringing")])
    for signed in (url, given):
        signature = RequestValidator("token").compute_signature(signed, {"CallSid": "CA1", "CallStatus": "ringing"})
        assert is_valid_signature(url, form, signature, ["token"])
    other = RequestValidator("token").compute_signature(url + "#rc=1", {"CallSid": "CA1", "CallStatus": "ringing"})
    assert not is_valid_signature(url, form, other, ["token"])
