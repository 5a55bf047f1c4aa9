"""The AwsSolutions rules that this stack does not follow, with the reason for each."""

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

from cdk.apis import CALLBACK, FRAMES, VOICE
from cdk.functions import ENVIRONMENT

_HANDSHAKE = "The handshake was authorized; API Gateway accepts no frame on a socket that was refused."
_SIGNED = "Twilio has no token of ours: it signs each callback, and the function verifies that before anything else."
_ACCOUNT_WIDE = "It needs a role that is set for the whole account; connect and leads_fetched log every event instead."
_XRAY = "X-Ray has no resource names; a test checks that this is the only statement without one."
_SOCKETS = "A connection's id is not known in advance; the statement names API, stage and method."
_RUNTIME = "The runtime is the Python that builds and tests the functions, so that their bytecode is valid."
_PLUS = "Threat protection is priced per user: an installation's own choice, made in the console."
_NO_MFA = "The page's own login asks for a password only; for more, set an OpenID Connect issuer."
_PUBLIC_FILES = "It holds the page's files, which anybody may read; requests for data are in the API's access log."
_NO_CERTIFICATE = "Without page_certificate CloudFront uses its own, and does not let us choose the lowest TLS version."
_ANYWHERE = "Agents may work from any country; the page holds nothing before they have logged in."
_NO_WAF = "The page is static, and its API throttles; a firewall is priced per rule: an installation's own choice."


def acknowledge(stack: Stack, socket_id: str) -> None:
    """Attach the reasons to the constructs; *socket_id* is the socket's logical id."""
    for event in ("$disconnect", *FRAMES):
        _say(stack, f"Socket/{event}-Route", "APIG4", _HANDSHAKE)
    for path in (CALLBACK, *VOICE):
        _say(stack, f"Http/POST{path.replace('/', '--')}", "APIG4", _SIGNED)
    _say(stack, "Live", "APIG1", _ACCOUNT_WIDE)
    _say(stack, "AgentPool", "COG8", _PLUS)
    _say(stack, "AgentPool", "COG2", _NO_MFA)
    _say(stack, "PageFiles", "S1", _PUBLIC_FILES)
    page = {"CFR3": _PUBLIC_FILES, "CFR4": _NO_CERTIFICATE, "CFR1": _ANYWHERE, "CFR2": _NO_WAF}
    for rule, reason in page.items():
        _say(stack, "Page", rule, reason)
    for name in ENVIRONMENT:
        title = name.title().replace("_", "")
        _say(stack, title, "L1", _RUNTIME)
        _say(stack, f"{title}Role", "IAM5[Resource::*]", _XRAY)
        for method in ("POST", "DELETE"):
            _say(stack, f"{title}Role", f"IAM5[Resource::{_sockets(socket_id, method)}]", _SOCKETS)


def _say(stack: Stack, path: str, rule: str, reason: str) -> None:
    """Attach one reason; does nothing if this installation does not have the construct, such as a page."""
    found: IConstruct | None = stack
    for name in path.split("/"):
        found = found.node.try_find_child(name) if found else None
    if found:
        known = Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
        Validations.of(found).acknowledge(known)


def _sockets(socket_id: str, method: str) -> str:
    arn = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{socket_id}>"
    return f"{arn}/live/{method}/@connections/*"
