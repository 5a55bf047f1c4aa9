"""`python -m ops` with one of these:

deploy destroy page smoke number user leave erase dnc rest resume rest-number use-number close open redrive look
abandoned witness logs add-token only-token replace-key
"""

import argparse
import getpass
import os
import sys
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from requests import RequestException

from autocall.caller_ids import CallerIds
from cdk.settings import ADMINS, BadSetting, name_of
from local.environments import NotInstalled, path
from local.list_file import Unreadable, asker, columns_of
from local.page import NotBuilt
from local.paths import NotUp
from ops import (
    abandonment,
    agents,
    caller_ids,
    circuit_breaker,
    closures,
    deploy,
    do_not_call,
    leave,
    phone_number,
    publish_page,
    redrive,
    secret,
    smoke,
    status,
    twiml_app,
    witness,
)
from ops.installation import Installation, OpsError, client, deployed, on_this_machine, restart, use_region

_KNOWN = (
    OpsError,
    NotUp,
    NotBuilt,
    NotInstalled,
    BadSetting,
    Unreadable,
    FileNotFoundError,
    BotoCoreError,
    ClientError,
)


def main() -> None:
    """Run the command; known errors are printed without a traceback."""
    os.environ["PATH"] = path()
    args = _parse()
    try:
        args.does(args)
    except _KNOWN as error:
        sys.exit(str(error))


def _deploy(args: argparse.Namespace) -> None:
    installation = deploy.deploy(_context(args), print)
    for name, value in sorted(installation.outputs.items()):
        print(f"  {name}: {value}")
    print("Next: make number, make smoke, make user EMAIL=..., and subscribe the people on call to AlarmTopic.")


def _destroy(args: argparse.Namespace) -> None:
    deploy.destroy(_context(args), print)
    print("Its tables, its agents, the page's bucket and Twilio's secret are still there: docs/deploy.md says why.")


def _smoke(args: argparse.Namespace) -> None:
    failed = 0
    for check in smoke.checks(_installation(args)):
        print(f"{'FAILED' if check.wrong else 'ok':7} {check.what}{': ' if check.wrong else ''}{check.wrong}")
        failed += bool(check.wrong)
    sys.exit(1 if failed else 0)


def _number(args: argparse.Namespace) -> None:
    """Point all numbers that calls are made from at this installation."""
    installation = _installation(args)
    twilio = twiml_app.Twilio.of(installation["TwilioUrl"], secret.held(installation["TwilioSecret"]))
    fallback = installation.outputs.get("InboundFallbackUrl", "")
    failed = []
    for number in CallerIds.parse(installation["CallFrom"]).numbers:
        try:
            phone_number.point(twilio, number, installation["PublicUrl"], fallback)
        except (twiml_app.Unmade, RequestException) as error:
            failed.append(str(error) or type(error).__name__)
        else:
            print(f"Whoever calls {number} reaches {installation.name}.")
    if failed:
        raise OpsError("\n".join(failed))


def _user(args: argparse.Namespace) -> None:
    password = _new_password(args.email) if args.new_password else args.password
    print(agents.create(_installation(args), args.email, args.group, password))


def _leave(args: argparse.Namespace) -> None:
    for line in leave.leave(_installation(args), args.user, getpass.getuser()):
        print(line)


def _erase(args: argparse.Namespace) -> None:
    for line in leave.erase(_installation(args), args.user, getpass.getuser()):
        print(line)


def _new_password(email: str) -> str:
    if not sys.stdin.isatty():
        raise OpsError("No terminal to ask for a password: without NEW_PASSWORD, Cognito mails a temporary one.")
    return getpass.getpass(f"Password for {email} (not shown): ")


def _dnc(args: argparse.Namespace) -> None:
    installation = _installation(args)
    region = args.region or do_not_call.default_region(installation)
    print(f"Numbers without their country are read as of {region}", file=sys.stderr)
    listed = do_not_call.numbers(
        Path(args.file),
        region,
        lambda text: print(text, file=sys.stderr),
        decided=columns_of(args.columns),
        encoding=args.encoding,
        ask=asker(),
        remove=args.remove,
    )
    for text in listed.wrong:
        print(text)
    if args.remove:
        removed, absent = do_not_call.allow(installation, listed.phones, getpass.getuser())
        print(f"{removed} numbers were taken off the list" + (f"; {absent} were not on it" if absent else ""))
    else:
        print(f"{do_not_call.forbid(installation, listed.phones, getpass.getuser())} numbers are on the list")
    if listed.not_meant:
        print(f"{listed.not_meant} rows are not meant: the file says so of them")
    if not listed.phones:
        print("no number was listed: is this the right file?")
    sys.exit(1 if listed.wrong or not listed.phones else 0)


def _rest(args: argparse.Namespace) -> None:
    print(f"No call starts until {circuit_breaker.rest(_installation(args), args.minutes)}; those under way go on")


def _resume(args: argparse.Namespace) -> None:
    print(f"Calls start again; agents with a page open: {circuit_breaker.resume(_installation(args))}")


def _rest_number(args: argparse.Namespace) -> None:
    until = caller_ids.rest(_installation(args), args.number, args.days, getpass.getuser())
    print(f"Nobody is called from {args.number} until {until}; calls under way go on")


def _use_number(args: argparse.Namespace) -> None:
    there = caller_ids.use_again(_installation(args), args.number)
    print(f"{args.number} calls again; agents with a page open: {there}")


def _close(args: argparse.Namespace) -> None:
    until = closures.close(_installation(args), args.place, args.until, getpass.getuser())
    print(f"Nobody in {args.place} is called until {until}; calls under way go on")


def _open(args: argparse.Namespace) -> None:
    there = closures.reopen(_installation(args), args.place)
    print(f"{args.place} has its own hours again; agents with a page open: {there}")


def _redrive(args: argparse.Namespace) -> None:
    installation = _installation(args)
    moved = redrive.redrive(client("sqs"), installation["DeadLetterQueueUrl"], installation["QueueUrl"])
    print(f"{moved} runs queued again")


def _look(args: argparse.Namespace) -> None:
    installation = _installation(args)
    for line in [*status.state(installation), *status.dead_runs(installation)]:
        print(line)


def _abandoned(args: argparse.Namespace) -> None:
    share = abandonment.of_the_last(_installation(args), args.days, time.time())
    print(f"In the last {args.days} days {share}")


def _witness(args: argparse.Namespace) -> None:
    report = witness.of_the_last(_installation(args), args.days, time.time())
    print(f"In the last {args.days} days, by Twilio's own list of calls:")
    for line in report.lines():
        print(line)
    sys.exit(1 if report.differs else 0)


def _logs(args: argparse.Namespace) -> None:
    for line in status.lines(_installation(args), args.text, args.minutes):
        print(line)


def _page(args: argparse.Namespace) -> None:
    print(f"{publish_page.publish(_installation(args), deploy.settings(_context(args)))} files of the page are up")


def _add_token(args: argparse.Namespace) -> None:
    installation = _installation(args)
    count = secret.add_token(installation["TwilioSecret"])
    restart(installation, *secret.CHECK_CALLBACKS)
    print(f"Callbacks are accepted with {count} auth tokens now")


def _only_token(args: argparse.Namespace) -> None:
    installation = _installation(args)
    token = secret.only_token(installation["TwilioSecret"])
    restart(installation, *secret.CHECK_CALLBACKS)
    print(f"Callbacks are accepted with this auth token only: {token}")


def _replace_key(args: argparse.Namespace) -> None:
    installation = _installation(args)
    secret.replace_key(installation["TwilioSecret"])
    restart(installation, *secret.ASK_TWILIO)
    print("Calls are placed with the new API key; the old one may be deleted")


def _installation(args: argparse.Namespace) -> Installation:
    """The chosen installation. Its name is printed first, because there may be several."""
    name = name_of(args.stage)
    if args.local is None:
        print(f"{name} in AWS, {use_region()}:", file=sys.stderr)
        return deployed(name)
    print(f"{name} on this machine, in {args.local}:", file=sys.stderr)
    return on_this_machine(Path(args.local), name)


def _context(args: argparse.Namespace) -> list[str]:
    if args.stage:
        return [f"stage={args.stage}", *args.context]
    return [*args.context]


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument("--stage", default=os.environ.get("STAGE", ""), help="which of several installations")
    parser.add_argument("--local", metavar="FOLDER", help="the installation that `make up` left running there")
    commands = parser.add_subparsers(required=True)
    for does in (_deploy, _destroy, _page):
        command = _command(commands, does)
        command.add_argument("-c", "--context", action="append", default=[], metavar="NAME=VALUE")
    for does in (_smoke, _number, _resume, _redrive, _look, _add_token, _only_token, _replace_key):
        _command(commands, does)
    command = _command(commands, _user)
    command.add_argument("email")
    command.add_argument("--group", default="", help=f"{ADMINS}, for what holds for the whole installation")
    command.add_argument("--password", default="", help="instead of a mail with a temporary one")
    command.add_argument("--new-password", action="store_true", help="the same, but asked for, and kept by no shell")
    for does in (_leave, _erase):
        _command(commands, does).add_argument("user", help="their mail address, or their id: `user_id` in the logs")
    command = _command(commands, _dnc)
    command.add_argument("file")
    command.add_argument("--region", default="", help="of numbers without their country; else the installation's own")
    command.add_argument("--columns", default="", help="what columns are: Mobile=phone,Listed=do_not_call")
    command.add_argument("--encoding", default="", help="of a file that is not in UTF-8")
    command.add_argument("--remove", action="store_true", help="take them off the list instead")
    command = _command(commands, _rest)
    command.add_argument("--minutes", type=int, default=60)
    command = _command(commands, _rest_number)
    command.add_argument("number", help="a label such as DE or default, or the number")
    command.add_argument("--days", type=float, default=7)
    command = _command(commands, _use_number)
    command.add_argument("number", help="a label such as DE or default, or the number")
    command = _command(commands, _close)
    command.add_argument("place")
    command.add_argument("until")
    command = _command(commands, _open)
    command.add_argument("place")
    for does, days in ((_abandoned, 30), (_witness, 7)):
        _command(commands, does).add_argument("--days", type=int, default=days)
    command = _command(commands, _logs)
    command.add_argument("text")
    command.add_argument("--minutes", type=int, default=60)
    return parser.parse_args()


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", does: object) -> argparse.ArgumentParser:
    name = getattr(does, "__name__", "").strip("_").replace("_", "-")
    command: argparse.ArgumentParser = commands.add_parser(name)
    command.set_defaults(does=does)
    return command


if __name__ == "__main__":
    main()
