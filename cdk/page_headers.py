"""The page's security headers: where it may load from and connect to. As plain text, for any server."""

from collections.abc import Sequence

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FALLBACK = "sorry.xml"
"""What a lead hears where our own document cannot be had: beside the page, and of no function's making."""

INBOUND_FALLBACK = "call-back.xml"
"""The same for whoever calls one of our numbers."""

VOICE = ("https://*.twilio.com", "wss://*.twilio.com")
"""The hosts of the voice SDK: its edges, of which it may change during a call, and its call quality reports."""


def content_security_policy(connects_to: Sequence[str]) -> str:
    """Allow the page's own origin only; *connects_to* are further origins for connections."""
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
