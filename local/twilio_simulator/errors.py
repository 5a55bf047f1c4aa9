"""Twilio's error codes, with their messages and HTTP statuses."""

STATUS = {20003: 401, 20004: 405, 20008: 403, 20009: 409, 20404: 404, 20429: 429, 20500: 500, 20503: 503}

MESSAGES = {
    10001: "Account is not active",
    10002: "Trial accounts do not support the feature you tried to use",
    10004: "Call concurrency limit exceeded",
    20001: "Invalid parameter",
    20003: "Authenticate",
    20004: "Method not allowed",
    20008: "Resource not accessible with Test Account Credentials",
    20009: "Cannot delete this resource before it is complete",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21208: "Timeout is not valid",
    21209: "Method is not valid",
    21210: "The source phone number provided is not yet verified for your account",
    21211: "The phone number you are attempting to call is not valid.",
    21212: "The 'From' number is not a valid phone number.",
    21213: "No 'From' number is specified",
    21214: "The 'To' phone number cannot be reached.",
    21215: "Account not authorized to call this number",
    21216: "Account not allowed to call this number",
    21217: "The phone number does not appear to be valid.",
    21218: "ApplicationSid is not valid",
    21219: "The number is unverified. Trial accounts may only make calls to verified numbers.",
    21220: "Invalid call state: the call is not in a state that allows this.",
    21609: "The StatusCallback URL is not a valid URL",
    21626: "One or more of the StatusCallbackEvents provided were invalid",
    16099: "The conference is in a state that does not allow this",
    22005: "Call Queue Full",
    32018: "Twiml size exceeded maximum allowed value of 4000 characters",
}


def status(code: int) -> int:
    return STATUS.get(code, 400)


def body(code: int) -> dict[str, object]:
    """The body of an error response, in Twilio's format."""
    return {
        "code": code,
        "message": MESSAGES.get(code, "The call was refused."),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status(code),
    }
