"""The simulator as the real @twilio/voice-sdk meets it, in Chromium, by ear."""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from local.paths import ROOT
from tests.browser.sound import MICROPHONE_HZ
from tests.browser.sound import tone as tone_of
from tests.unit.simulator_world import LASTS, LEAD, Pages, Simulator, response, running, wait

SDK = ROOT / "web" / "node_modules" / "@twilio" / "voice-sdk" / "dist" / "twilio.min.js"
OTHER = "+12025550144"
WORDS_HZ = 3400

pytestmark = pytest.mark.skipif(not SDK.exists(), reason="the page has no @twilio/voice-sdk: npm install in web/")

PAGE = """<!doctype html><meta charset="utf-8"><title>agent</title><script src="/twilio.min.js"></script><script>
  const said = []
  let device, call
  function start(token) {
    const keys = [...'0123456789sh'].map((key) => `dtmf${key}`)
    const named = ['incoming', 'outgoing', 'disconnect', ...keys].map((name) => [name, '/silence.wav'])
    const options = { publishEvents: false, maxCallSignalingTimeoutMs: 30000, logLevel: 'error' }
    device = new Twilio.Device(token, { ...options, sounds: Object.fromEntries(named) })
    device.on('error', (error) => said.push(`device error ${error.code}`))
  }
  async function connect(params) {
    call = await device.connect({ params })
    for (const name of ['accept', 'disconnect', 'reconnecting', 'reconnected']) call.on(name, () => said.push(name))
    call.on('error', (error) => said.push(`error ${error.code}`))
    await new Promise((yes) => { call.on('accept', yes); call.on('error', yes); call.on('disconnect', yes) })
    return call.parameters.CallSid
  }
</script>"""


def token(application: str, lasts_s: int = 3600, secret: str = API_SECRET) -> str:
    """What the back end gives a page."""
    now = int(time.time())
    head = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
    voice = {"outgoing": {"application_sid": application}}
    claims = {
        "jti": f"{API_KEY}-{now}",
        "iss": API_KEY,
        "sub": ACCOUNT_SID,
        "nbf": now - 60,
        "exp": now + lasts_s,
        "grants": {"identity": "ada", "voice": voice},
    }
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    return f"{signed}.{_encoded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The page's server; a page that Playwright makes up may not speak to this machine."""
    files = {"/": PAGE.encode(), "/twilio.min.js": SDK.read_bytes(), "/silence.wav": tone_of(0, 0)}
    types = {".js": "text/javascript", ".wav": "audio/wav"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", types.get(Path(self.path).suffix, "text/html"))
            self.end_headers()
            self.wfile.write(files.get(self.path, b""))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def context(headset: Browser) -> Iterator[BrowserContext]:
    context = headset.new_context()
    yield context
    context.close()


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=1) as made:
        for number in (LEAD, OTHER):
            made.script(number=number, outcome="completed", ring_s=0, talk_s=LASTS)
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    ours = 'startConferenceOnEnter="true" endConferenceOnExit="true" beep="false" waitUrl=""'
    leads = 'startConferenceOnEnter="false" waitUrl=""'
    made = Pages(
        agent=response(f"<Dial><Conference {ours}>room</Conference></Dial>"),
        lead=response(f'<Dial action="left"><Conference {leads}>room</Conference></Dial>'),
        left=response('<Say loop="0">Sorry.</Say>'),
        reject=response("<Reject/>"),
        words=response('<Say loop="0">Goodbye.</Say>'),
    )
    yield made
    made.close()


@pytest.fixture
def agent(context: BrowserContext, twilio: Simulator, pages: Pages, site: str) -> Iterator[Callable[..., Page]]:
    """Open the agent's page, with a token for an application whose document is one of the pages."""
    opened = [context.new_page()]
    opened[0].goto(f"{twilio.url}/_mixer")

    def open_page(document: str = "agent", **options: Any) -> Page:
        made = twilio.resource("POST", "Applications.json", data={"VoiceUrl": f"{pages.url}/{document}"}).json()
        page = context.new_page()
        opened.append(page)
        page.add_init_script(twilio.heard.redirect())
        page.goto(site)
        page.evaluate("token => start(token)", token(made["sid"], **options))
        return page

    yield open_page
    for page in opened:
        page.close()


def lead(twilio: Simulator, pages: Pages, number: str = LEAD) -> str:
    return twilio.call(To=number, Twiml=None, Url=f"{pages.url}/lead")


def tone(twilio: Simulator, sid: str) -> int:
    """What the one at the other end of a call says."""
    return int(wait(lambda: twilio.heard.tones().get(sid)))


def test_an_agent_and_a_lead_hear_each_other(agent: Callable[..., Page], twilio: Simulator, pages: Pages) -> None:
    page = agent()
    held = page.evaluate("connect({session: 'ä & ö'})")
    assert pages.forms("agent")[0]["session"] == "ä & ö"
    assert pages.forms("agent")[0]["From"] == "client:ada"
    sid = lead(twilio, pages)
    theirs = tone(twilio, sid)
    wait(lambda: twilio.heard.hears(held, theirs) == {theirs})
    wait(lambda: twilio.heard.hears(sid, MICROPHONE_HZ, theirs) == {MICROPHONE_HZ})
    assert twilio.heard.seconds_to_agent(LEAD) < 2
    page.evaluate("call.mute(true)")
    wait(lambda: twilio.heard.hears(sid, MICROPHONE_HZ) == set())
    page.evaluate("call.mute(false)")
    wait(lambda: twilio.heard.hears(sid, MICROPHONE_HZ) == {MICROPHONE_HZ})
    twilio.heard.hang_up(sid)
    wait(lambda: twilio.heard.hears(held, theirs) == set())
    second = lead(twilio, pages, OTHER)
    wait(lambda: twilio.heard.hears(second, MICROPHONE_HZ) == {MICROPHONE_HZ})
    page.evaluate("call.disconnect()")
    assert twilio.reaches(held, "completed")["from"] == "client:ada"


@pytest.mark.parametrize("how", ["reload", "close"])
def test_a_lead_whose_agents_page_goes_hears_a_sentence(
    agent: Callable[..., Page], twilio: Simulator, pages: Pages, how: str
) -> None:
    page = agent()
    page.evaluate("connect({})")
    sid = lead(twilio, pages)
    wait(lambda: twilio.heard.hears(sid, MICROPHONE_HZ))
    page.reload() if how == "reload" else page.close()
    wait(lambda: twilio.heard.sentences(LEAD) == ["Sorry."])
    assert twilio.heard.leg(LEAD)["longest_alone_s"] < (20 if "PYTEST_XDIST_WORKER" in os.environ else 5)


def test_a_lost_socket_is_joined_anew_and_the_sound_goes_on(
    agent: Callable[..., Page], twilio: Simulator, pages: Pages
) -> None:
    page = agent()
    held = page.evaluate("connect({})")
    sid = lead(twilio, pages)
    wait(lambda: twilio.heard.hears(sid, MICROPHONE_HZ))
    twilio.heard.cut_sockets()
    page.wait_for_function("said.includes('reconnected')")
    assert twilio.heard.hears(sid, MICROPHONE_HZ) == {MICROPHONE_HZ}
    assert twilio.fetch(held)["status"] == "in-progress"
    assert len(twilio.heard.leg(LEAD)["mixes"]) == 1


def test_the_browser_hears_what_a_document_says(agent: Callable[..., Page], twilio: Simulator) -> None:
    held = agent("words").evaluate("connect({})")
    wait(lambda: twilio.heard.hears(held, WORDS_HZ) == {WORDS_HZ})


def test_a_browser_that_is_turned_away_knows_it(agent: Callable[..., Page], twilio: Simulator, pages: Pages) -> None:
    page = agent("reject")
    page.evaluate("connect({})")
    assert "accept" not in page.evaluate("said")
    assert twilio.heard.legs() == []
    assert len(pages.forms("reject")) == 1


@pytest.mark.parametrize(("options", "code"), [({"secret": "another"}, 20101), ({"lasts_s": -5}, 20104)])
def test_a_token_that_is_none_opens_nothing(
    agent: Callable[..., Page], twilio: Simulator, options: dict[str, Any], code: int
) -> None:
    page = agent(**options)
    page.evaluate("void device.register().catch(() => 0)")
    page.wait_for_function(f"said.includes('device error {code}')")
    assert twilio.list() == []
