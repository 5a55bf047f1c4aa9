"""Twilio's refusals of a call, with the HTTP status that each has."""

STATUS = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503, 20008: 403}

MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "The source phone number provided is not yet verified for your account",
    21211: "The phone number you are attempting to call is not valid.",
    21212: "The 'From' number is not a valid phone number.",
    21213: "No 'From' number is specified",
    21214: "The 'To' phone number cannot be reached.",
    21215: "Account not authorized to call this number",
    21216: "Account not allowed to call this number",
    21217: "The phone number does not appear to be valid.",
    21219: "The number is unverified. Trial accounts may only make calls to verified numbers.",
    21220: "Invalid call state: the call is not in a state that allows this.",
}

MAGIC_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
MAGIC_FROM = {"+15005550001": 21212}


def body(code: int) -> dict[str, object]:
    """An error as Twilio writes it."""
    return {
        "code": code,
        "message": MESSAGES.get(code, "The call was refused."),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status(code),
    }


def status(code: int) -> int:
    return STATUS.get(code, 400)
