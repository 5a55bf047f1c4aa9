"""`python -m local up|down|run|import`: the whole system on this machine."""

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from local import processes, stack
from local.agents import UnknownAgent, token_of
from local.deployment import Failed
from local.environments import NotInstalled
from local.import_file import Api, NotTaken, send_file
from local.list_file import Unreadable, asker, columns_of
from local.options import StackOptions
from local.page import NotBuilt
from local.paths import SHARED, NotUp, StackDir
from local.ports import PortTaken
from local.progress import Progress

_KNOWN = (Failed, NotBuilt, NotInstalled, NotTaken, NotUp, PortTaken, UnknownAgent, Unreadable, processes.Died)

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the command; known errors are printed without a traceback."""
    args = _parse()
    try:
        args.does(StackDir(Path(args.dir).resolve()), args)
    except _KNOWN as error:
        sys.exit(str(error))


def up(stack_dir: StackDir, args: argparse.Namespace) -> None:
    """Start a stack and leave it running; if it is running, deploy the changes."""
    _greet(stack.up(stack_dir, _options(args), Progress()))


def down(stack_dir: StackDir, _args: argparse.Namespace) -> None:
    """Stop a stack that `up`, or a crashed `run`, left running."""
    if not stack.down(stack_dir, Progress()):
        print("Nothing was running.")


def run(stack_dir: StackDir, args: argparse.Namespace) -> None:
    """Keep a stack running until Ctrl-C, or until `down` stops it."""
    for number in _STOPS:
        signal.signal(number, _interrupt)
    say = Progress()
    try:
        _greet(stack.up(stack_dir, _options(args), say))
        print("Ctrl-C stops everything.", flush=True)
        while started := processes.names(stack_dir):
            for name in started:
                processes.check(stack_dir, name)
            time.sleep(1)
        print("It was stopped from elsewhere.", flush=True)
    except KeyboardInterrupt:
        print()
    finally:
        for number in _STOPS:  # a second one would leave processes behind
            signal.signal(number, signal.SIG_IGN)
        stack.down(stack_dir, say)


def import_(stack_dir: StackDir, args: argparse.Namespace) -> None:
    """Import a CSV file of leads for an agent of the running stack."""
    outputs = stack_dir.read_outputs()
    taken = send_file(
        Path(args.file),
        Api(outputs["http_url"], token_of(outputs, args.user)),
        Progress(),
        decided=columns_of(args.columns),
        encoding=args.encoding,
        ask=asker(),
        later=args.later,
    )
    if not taken:
        sys.exit(1)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _options(args: argparse.Namespace) -> StackOptions:
    return StackOptions(
        context=dict(args.context),
        emulator=dict(args.emulator),
        simulator=tuple(args.simulator.split()),
        page=args.page,
        samples=args.samples,
        keep=args.keep,
    )


def _greet(outputs: dict[str, Any]) -> None:
    logins = "\n".join(f"  {user['username']}  {user['password']}" for user in outputs["users"])
    print(f"\nOpen {outputs['page_url']} and log in as one of\n{logins}\n", flush=True)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for does in (up, down, run, import_):
        command = commands.add_parser(does.__name__.strip("_"), help=does.__doc__)
        command.set_defaults(does=does)
        command.add_argument("--dir", default=str(SHARED), help="the stack's own folder")
        if does in (up, run):
            _choices(command)
        if does is import_:
            command.add_argument("file")
            command.add_argument("--user", default="", help="the agent; default: the first one")
            command.add_argument("--columns", default="", help="the columns: Mobile=phone,Blacklisted=do_not_call")
            command.add_argument("--encoding", default="", help="the file's encoding, if it is not UTF-8")
            command.add_argument(
                "--later", action="store_true", help="pause first: call nobody before the agent resumes"
            )
    return parser.parse_args()


def _choices(command: argparse.ArgumentParser) -> None:
    pairs: dict[str, Any] = {"action": "append", "default": [], "type": _pair, "metavar": "NAME=VALUE"}
    command.add_argument("--context", help="a setting of the stack", **pairs)
    command.add_argument("--emulator", help="a variable of the emulator's environment", **pairs)
    command.add_argument("--simulator", default="", metavar="OPTIONS", help="more options for the simulator")
    command.add_argument("--no-page", dest="page", action="store_false")
    command.add_argument("--no-samples", dest="samples", action="store_false")
    command.add_argument("--keep", action="store_true", help="keep the leads and the simulator's count for next time")


if __name__ == "__main__":
    main()
