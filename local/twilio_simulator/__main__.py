"""`python -m local.twilio_simulator --port N`: the simulator as a process."""

import argparse
import json
from pathlib import Path

from aiohttp import web

from local.options import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN
from local.twilio_simulator.api import Api
from local.twilio_simulator.gateway import Gateway
from local.twilio_simulator.line import Line
from local.twilio_simulator.mixer import Mixer
from local.twilio_simulator.numbers import Numbers
from local.twilio_simulator.resources import Resources
from local.twilio_simulator.witness import Witness, frank

TEST_ACCOUNT_SID = "AC" + "7e57" * 8
TEST_AUTH_TOKEN = "local-test-token"
CALL_FROM = "+12025550100"
AGENT_PHONES = [f"+1202555017{line}" for line in range(10)]  # fictional numbers


def main() -> None:
    """Serve until the process is stopped; with `--state` the counts of dialled numbers survive a restart."""
    args = _parse()
    kept = args.state and args.state.exists()
    app, witness = simulator(args, json.loads(args.state.read_text()) if kept else {})
    print(f"Twilio simulator on http://127.0.0.1:{args.port}", flush=True)
    web.run_app(app, host="127.0.0.1", port=args.port, print=None, access_log=None, shutdown_timeout=1)
    if args.state:
        args.state.write_text(json.dumps(witness.dialled()))


def simulator(args: argparse.Namespace, dialled: dict[str, int]) -> tuple[web.Application, Witness]:
    """The application and its witness, which starts with the counts in *dialled*."""
    line = Line(
        args.account_sid,
        args.auth_token,
        cps=args.cps,
        speed=args.speed,
        seed=args.seed,
        concurrent=args.concurrent,
        numbers=Numbers(args.number or [CALL_FROM], strict=args.only_own_numbers),
    )
    line.agent_phones |= set(args.agent_phone)
    line.outbox.patience = args.patience
    passwords = {
        args.account_sid: args.auth_token,
        args.api_key: args.api_secret,
        args.test_account_sid: args.test_auth_token,
    }
    api = Api(line, passwords, args.test_account_sid)
    witness, mixer = Witness(api, dialled), Mixer(line.hearing)
    gateway = Gateway(line, mixer, lambda: passwords)
    app = web.Application(middlewares=[frank, api.dressed])
    app.add_routes([*api.routes(), *Resources(api).routes(), *witness.routes()])
    app.add_routes([*gateway.routes(), *mixer.routes()])

    async def close(_app: web.Application) -> None:
        await line.close()

    app.on_cleanup.append(close)
    return app, witness


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.twilio_simulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--api-key", default=API_KEY)
    parser.add_argument("--api-secret", default=API_SECRET)
    parser.add_argument("--test-account-sid", default=TEST_ACCOUNT_SID)
    parser.add_argument("--test-auth-token", default=TEST_AUTH_TOKEN)
    parser.add_argument("--cps", type=float, default=100, help="calls that leave Twilio's own queue per second")
    parser.add_argument("--speed", type=float, default=10, help="seconds of a call that pass in one real second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrent", type=int, default=0, help="limit of concurrent calls; 0: none")
    parser.add_argument("--number", action="append", help="a number of the account")
    parser.add_argument("--only-own-numbers", action="store_true", help="let no other number call")
    parser.add_argument("--agent-phone", action="append", default=AGENT_PHONES, help="picks up, presses 1, and stays")
    parser.add_argument(
        "--patience", type=float, default=1, help="how many times as long as asked it waits for answers"
    )
    parser.add_argument("--state", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
