"""Asking a malware scanner (ClamAV's daemon) about a file, over its socket: the command INSTREAM of clamd(8). Pure."""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SECONDS: Final = 10.0
CHUNK: Final = 64 * 1024


@dataclass(frozen=True)
class Verdict:
    """What the scanner says: clean, infected (with the signature's name), or silent when it gave no answer."""

    said: str
    signature: str = ""


SILENT: Final = Verdict("silent")


def scan(chunks: Iterable[bytes], address: str, seconds: float = SECONDS) -> Verdict:
    """What the scanner at `address` (`unix:/path` or `tcp:host:port`) says of a file given piece by piece."""
    try:
        with _connected(address, seconds) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                for start in range(0, len(chunk), CHUNK):
                    part = chunk[start : start + CHUNK]
                    daemon.sendall(struct.pack("!I", len(part)) + part)
            daemon.sendall(struct.pack("!I", 0))
            return _verdict(_answer(daemon))
    except (OSError, ValueError):
        return SILENT


def _connected(address: str, seconds: float) -> socket.socket:
    kind, _colon, place = address.partition(":")
    if kind == "unix":
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(seconds)
        try:
            daemon.connect(place)
        except OSError:
            daemon.close()
            raise
        return daemon
    host, _colon, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=seconds)


def _answer(daemon: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < 4096:
        part = daemon.recv(1024)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> Verdict:
    """`stream: OK`, `stream: Eicar-Signature FOUND`, or an error such as a size that the scanner does not take."""
    words = answer.removeprefix("stream: ")
    if words == "OK":
        return Verdict("clean")
    if words.endswith(" FOUND"):
        return Verdict("infected", words.removesuffix(" FOUND")[:200])
    return SILENT
