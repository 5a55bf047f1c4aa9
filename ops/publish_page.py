"""Uploads the page: first the assets, which are cached for ever, then the files that name them, never cached."""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk.page_headers import FALLBACK, INBOUND_FALLBACK
from cdk.settings import Settings
from functions.voice.documents import Documents
from functions.voice.inbound_documents import InboundDocuments
from functions.voice.phrases import LANGUAGES
from local.paths import WEB
from ops.installation import Installation, client

FOR_EVER = "public, max-age=31536000, immutable"
NEVER = "no-cache"


def publish(installation: Installation, settings: Settings, built: Path = WEB / "dist") -> int:
    """Upload the built page and its `config.json`; returns the number of files.

    Old assets stay, for pages that are still open.
    """
    files = sorted((path for path in built.rglob("*") if path.is_file()), key=_names_others)
    bucket, s3 = installation["PageBucket"], client("s3")
    for path in (path for path in files if ".vite" not in path.parts):
        name = path.relative_to(built).as_posix()
        _put(s3, bucket, name, path.read_bytes(), FOR_EVER if name.startswith("assets/") else NEVER)
    for name, document in fallbacks(settings.language, settings.company, settings.callback_number).items():
        _put(s3, bucket, name, document.encode(), NEVER)
    _put(s3, bucket, "config.json", json.dumps(config(installation, settings)).encode(), NEVER)
    return len(files)


def fallbacks(language: str, company: str, callback_number: str) -> Mapping[str, str]:
    """What people hear while our functions cannot answer: whom we have called, and who calls us."""
    phrases = LANGUAGES[language]
    return {
        FALLBACK: Documents(phrases, company, callback_number, "").goodbye(),
        INBOUND_FALLBACK: InboundDocuments(phrases, company, "", "").unavailable(),
    }


def config(installation: Installation, settings: Settings) -> Mapping[str, Any]:
    """The page's configuration at run time, which contains no secrets."""
    data: dict[str, Any] = {
        "websocket_url": installation["WebsocketUrl"],
        "http_url": installation["PageUrl"].rstrip("/"),
        "issuer": installation["Issuer"],
        "client_id": settings.page_client_id or installation["Audience"].partition(",")[0],
    }
    if settings.issuer:
        oidc = {"scope": settings.page_scope, "audience": settings.page_audience, "token": settings.page_token}
        data["oidc"] = {name: value for name, value in oidc.items() if value}
    return data


def _names_others(path: Path) -> tuple[bool, str]:
    return path.suffix == ".html", str(path)


def _put(s3: Any, bucket: str, name: str, body: bytes, cache_control: str) -> None:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind += "; charset=utf-8" if kind.startswith("text/") else ""
    s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType=kind, CacheControl=cache_control)
