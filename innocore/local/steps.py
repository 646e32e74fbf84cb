"""Steps that say what they do and how long it took, stamps that skip what is done, and trouble said in one sentence."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SPACE_NEEDED = 1_500_000_000
NO_NETWORK = (
    "name resolution",
    "Network is unreachable",
    "ConnectionError",
    "NewConnectionError",
    "No matching distribution",
    "ENOTFOUND",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ConnectTimeoutError",
)
TIMES = "INNOCORE_STEPS"  # what took how long before the process went on in the virtual environment
NO_SPACE = ("No space left on device", "ENOSPC")


class Trouble(Exception):
    """Something a person must mend; its text is one clear sentence."""


class Steps:
    """Runs named steps, prints each with its time, and remembers what need not be done again."""

    def __init__(self, root: Path) -> None:
        self.root, self.var = root, Path(os.environ.get("VAR_DIR", root / "var"))
        self.times: list[tuple[str, float]] = [
            (str(words), float(taken)) for words, taken in json.loads(os.environ.get(TIMES, "[]"))
        ]
        with telling_about_space():
            for name in ("log", "stamps"):
                (self.var / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        print(f"  {words} ...", end="", flush=True)
        began = time.monotonic()
        with telling_about_space():
            try:
                yield
            except BaseException:
                print(" failed", flush=True)
                raise
        taken = time.monotonic() - began
        self.times.append((words, taken))
        print(f" {taken:.1f} s", flush=True)

    def stamped(self, name: str, fingerprint: str) -> bool:
        """Whether step `name` was done for `fingerprint`."""
        stamp = self.var / "stamps" / name
        return stamp.is_file() and stamp.read_text() == fingerprint

    def stamp(self, name: str, fingerprint: str) -> None:
        (self.var / "stamps" / name).write_text(fingerprint)

    def call(self, words: list[str], *, log: str, env: Mapping[str, str] | None = None) -> None:
        """Run a command with its output in a log; a failure is told in one sentence with the log's place."""
        path = self.var / "log" / f"{log}.log"
        with path.open("ab") as file:
            done = subprocess.run(words, cwd=self.root, env=env, stdout=file, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise Trouble(_told(path, Path(words[0]).name, log))

    def hand_on(self) -> None:
        """Let what goes on in the place of this process know how long its steps took."""
        os.environ[TIMES] = json.dumps(self.times)

    @property
    def seconds(self) -> float:
        """What all steps took together."""
        return sum(taken for _words, taken in self.times)

    def summary(self) -> None:
        """How long each step took; printed when the start was not a warm one."""
        if self.seconds > 15:
            print("\n  How long each step took:")
            for words, taken in self.times:
                print(f"    {taken:7.1f} s  {words}")


def _told(path: Path, command: str, log: str) -> str:
    tail = path.read_text(errors="replace")[-6000:]
    if any(sign in tail for sign in NO_SPACE):
        return f"The disk is full: make room and start again (log: {path})."
    if log == "install" and any(sign in tail for sign in NO_NETWORK):
        return f"The packages could not be fetched: is there a network? (log: {path})"
    last = [line for line in tail.splitlines() if line.strip()][-12:]
    return "\n    ".join([f"{command} failed (whole log: {path}):", *last])


@contextmanager
def telling_about_space() -> Iterator[None]:
    """Say a full disk in a sentence."""
    try:
        yield
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise Trouble("The disk is full: make room and start again.") from problem
        if problem.errno in {errno.EACCES, errno.EROFS}:
            raise Trouble(f"This folder cannot be written to: {problem.filename}.") from problem
        raise


def check_space(root: Path) -> None:
    """Refuse to begin a fresh installation that cannot fit."""
    free = shutil.disk_usage(root).free
    if free < SPACE_NEEDED:
        raise Trouble(f"Only {free // 10**6} MB are free on this disk; a fresh installation needs 1,500 MB.")


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """SHA-256 of the contents of `paths` and of `words`."""
    digest = hashlib.sha256("\n".join(words).encode())
    for path in sorted(paths):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
