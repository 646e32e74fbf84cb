"""A client that behaves as a browser with our scripts does: cookies, tokens, and what is refused is sent again."""

import http.client
import json
import re
import statistics
import threading
import time
import uuid
from html import unescape
from typing import Any
from urllib.parse import urlencode

TRIES = 90
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
VERSION = re.compile(r'name="version"(?: value="([^"]*)")?|value="([^"]*)" name="version"')
CODE = re.compile(r"\b[0-9a-f]{64}\b")


class Figures:
    """Seconds of each accepted answer by kind, and how many were refused or broke off."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seconds: dict[str, list[float]] = {}
        self.refused = 0

    def took(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)

    def refuse(self) -> None:
        with self.lock:
            self.refused += 1

    def summary(self, seconds: float) -> dict[str, Any]:
        """Answered a second, median and 95th percentile in milliseconds, by kind too."""
        every = sorted(one for rows in self.seconds.values() for one in rows)
        by_kind = {
            kind: [round(1000 * statistics.median(rows)), round(1000 * sorted(rows)[int(0.95 * len(rows))])]
            for kind, rows in sorted(self.seconds.items())
        }
        return {
            "answered": len(every),
            "answered_per_second": round(len(every) / seconds, 1),
            "median_ms": round(1000 * statistics.median(every)),
            "p95_ms": round(1000 * every[int(0.95 * len(every))]),
            "refused": self.refused,
            "median_and_p95_ms_by_kind": by_kind,
        }


class Browser:
    """One person's browser on one connection, behind a proxy that says when each request arrived."""

    def __init__(self, port: int, number: int, figures: Figures) -> None:
        self.port, self.figures, self.cookies = port, figures, dict[str, str]()
        self.address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
        self.token = ""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def close(self) -> None:
        self.connection.close()

    def once(self, method: str, path: str, data: Any = None, body: bytes = b"", content: str = "") -> tuple[int, str]:
        """One attempt; its status and text. Raises OSError or HTTPException when the connection breaks."""
        headers = {
            "Host": "localhost",
            "X-Forwarded-For": self.address,
            "X-Request-Start": str(int(time.time() * 1000)),
            "Accept-Language": "en",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if method == "POST":
            headers["X-CSRFToken"] = self.token
            headers["Content-Type"] = content or "application/x-www-form-urlencoded"
            body = body or urlencode({**data, "csrfmiddlewaretoken": self.token}, doseq=True).encode()
        self.connection.request(method, path, body=body or None, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        text = content.decode("utf-8", "replace") if "pdf" not in (answer.headers.get("Content-Type") or "") else ""
        if found := TOKEN.search(text):
            self.token = found[1]
        return answer.status, text

    def send(self, kind: str, method: str, path: str, data: Any = None, **more: Any) -> tuple[int, str]:
        """Until it is answered: what breaks off or is refused for the moment is sent again, as the page does."""
        for turn in range(TRIES):
            began = time.perf_counter()
            try:
                status, text = self.once(method, path, data, **more)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                status, text = 0, ""
            if status and status < 500 and status != 429:
                self.figures.took(kind, time.perf_counter() - began)
                return status, text
            self.figures.refuse()
            time.sleep(min(2.0, 0.25 * (turn + 1)))
        raise RuntimeError(f"{path} was never answered")

    def get(self, path: str, kind: str = "page") -> str:
        status, text = self.send(kind, "GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
        return text

    def post(self, path: str, data: dict[str, Any], kind: str) -> str:
        status, text = self.send(kind, "POST", path, data)
        if status not in {200, 302}:
            raise RuntimeError(f"POST {path}: {status} {text[:300]}")
        return text

    def sign_in(self, email: str, password: str) -> None:
        self.get("/accounts/login/", "page")
        status, text = self.send("sign in", "POST", "/accounts/login/", {"login": email, "password": password})
        if status != 302:
            raise RuntimeError(f"sign in: {status} {text[:500]}")
        self.get("/applications/")

    def autosave(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """Save as the script does; one that was carried out though its answer was lost changes nothing more."""
        status, text = self.send("autosave", "POST", path, data)
        said: dict[str, Any] = json.loads(text)
        if status != 200:
            raise RuntimeError(f"autosave {path}: {status} {text[:200]}")
        return said

    def upload(self, path: str, data: dict[str, str], name: str, content: bytes) -> None:
        edge = uuid.uuid4().hex
        fields = {**data, "csrfmiddlewaretoken": self.token}
        named = 'Content-Disposition: form-data; name="{}"'
        parts = [f"--{edge}\r\n{named.format(key)}\r\n\r\n{value}\r\n" for key, value in fields.items()]
        file = f'{named.format("file")}; filename="{name}"\r\nContent-Type: application/pdf'
        head = f"{''.join(parts)}--{edge}\r\n{file}\r\n\r\n"
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        status, text = self.send("upload 2 MB", "POST", path, body=body, content=kind)
        if status != 302:
            raise RuntimeError(f"upload: {status} {text[:300]}")

    def version_in(self, page: str) -> str:
        found = VERSION.search(page)
        return unescape((found[1] or found[2] or "") if found else "")

    def check_code(self, page: str) -> str:
        found = CODE.search(page)
        if not found:
            raise RuntimeError("no check code on the receipt")
        return found[0]
