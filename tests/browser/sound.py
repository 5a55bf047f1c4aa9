"""What is heard where a browser has a microphone: tones, each by its frequency."""

import io
import math
import struct
import wave
from pathlib import Path

MICROPHONE_HZ = 880
_SAMPLES = 48_000


def tone(hertz: float, loudness: int = 9000) -> bytes:
    """A second of a tone, as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_SAMPLES)
        samples = (int(loudness * math.sin(2 * math.pi * hertz * n / _SAMPLES)) for n in range(_SAMPLES))
        written.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def arguments(microphone: Path) -> list[str]:
    """Chromium's: the microphone says what is in this file, over and over, and nobody is asked for it."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]
