"""What a browser is told with the page: where it may load from and connect to. Plain text, so any server can say it."""

from collections.abc import Sequence

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FALLBACK = "sorry.xml"
"""What a lead hears where our own document cannot be had: beside the page, and of no function's making."""

VOICE = ("https://*.twilio.com", "wss://*.twilio.com")
"""Where the voice SDK goes: its edges, and where it reports how a call sounds. It changes edge in a call."""


def content_security_policy(connects_to: Sequence[str]) -> str:
    """Everything comes from the page's own origin; *connects_to* are the other origins it talks to."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            " ".join(["connect-src 'self'", *connects_to]),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
