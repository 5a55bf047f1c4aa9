"""Serves the built page, and beside it what this stack says for itself: `python -m local.page_server PORT SITE TWILIO`.

TWILIO is where the simulator listens: the page's calls go there, where a test has sent the voice SDK there.
"""

import json
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cdk.page_headers import ALWAYS, FALLBACK, INBOUND_FALLBACK, VOICE, content_security_policy
from local.paths import WEB

_FRESH = ("/", "/index.html", "/config.json")


class _Page(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *request: object, site: Path, twilio: str, **options: object) -> None:
        self._site, self._twilio = site, twilio
        super().__init__(*request, directory=str(WEB / "dist"), **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        asked = path.partition("?")[0].lstrip("/")
        if asked in ("config.json", FALLBACK, INBOUND_FALLBACK):
            return str(self._site / asked)
        return super().translate_path(path)

    def _policy(self) -> str:
        """The same policy as CloudFront's, with this machine's addresses."""
        config = json.loads((self._site / "config.json").read_text())
        urls = [config[name] for name in ("websocket_url", "http_url", "cognito_endpoint")]
        voice = (*VOICE, self._twilio.replace("http", "ws", 1))
        return content_security_policy([*("/".join(url.split("/")[:3]) for url in urls), *voice])

    def end_headers(self) -> None:
        fresh = self.path.partition("?")[0] in _FRESH
        self.send_header("Cache-Control", "no-store" if fresh else "public, max-age=31536000, immutable")
        for name, value in (ALWAYS | {"Content-Security-Policy": self._policy()}).items():
            self.send_header(name, value)
        super().end_headers()


def main(port: int, site: Path, twilio: str) -> None:
    """Serve until the process is stopped."""
    ThreadingHTTPServer(("127.0.0.1", port), partial(_Page, site=site, twilio=twilio)).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
