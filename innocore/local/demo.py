"""`./run demo`: everything up as in production, on one machine, until Ctrl-C."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from local.install import python_of, translations
from local.servers import Servers
from local.steps import TIMES, Steps, Trouble, fingerprint

RESTARTS = 5


class Stopped(Exception):
    """Somebody asked to stop."""


class Child:
    """One process of the demonstration with its log."""

    def __init__(self, name: str, words: list[str], env: dict[str, str], log: Path) -> None:
        self.name, self.words, self.env, self.log, self.restarts = name, words, env, log, 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                self.words, env=self.env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-10:]
        return "\n".join(f"      {line}" for line in lines)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def see_it_stopped(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description="Start the demonstration programme.")
    parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--fresh", action="store_true", help="forget all data and begin again")
    return parser.parse_args(words)


def demo(root: Path, words: list[str]) -> int:
    """Start everything, print where and who, stay until Ctrl-C, stop what was started."""
    asked = arguments(words)
    steps = Steps(root)
    os.environ.pop(TIMES, None)
    began = time.monotonic() - steps.seconds
    refuse_taken_port(asked.host, asked.port)
    with only_one(steps, asked.port), stopping_on_signals():
        if asked.fresh:
            forget(steps)
        with Servers(steps, folder=steps.var / "postgres") as servers:
            env = demo_env(servers.start(), asked)
            announce(steps, env)
            prepare(steps, env)
            run_children(steps, env, asked, began)
    return 0


def demo_env(env: dict[str, str], asked: argparse.Namespace) -> dict[str, str]:
    """The environment of the demonstration's processes."""
    hosts = {"localhost", "127.0.0.1", asked.host}
    return {
        **env,
        "DEMO": "1",
        "DEBUG": "0",
        "SITE_URL": f"http://localhost:{asked.port}",
        "ALLOWED_HOSTS": ",".join(sorted(hosts - {"0.0.0.0"})) + (",*" if asked.host == "0.0.0.0" else ""),
        "WEB_CONCURRENCY": env.get("WEB_CONCURRENCY", "2"),
        "PYTHONUNBUFFERED": "1",
    }


def prepare(steps: Steps, env: dict[str, str]) -> None:
    """Translations, tables, static files, the programme; each only when something changed."""
    python = str(python_of(steps.root))
    translations(steps, env)
    migrations = [*steps.root.glob("*/migrations/*.py"), steps.root / "requirements.txt"]
    tables = fingerprint(migrations, database_identity(env))
    if not steps.stamped("tables", tables):
        with steps.step("Making the tables"):
            try:
                steps.call([python, "manage.py", "migrate", "--no-input"], log="prepare", env=env)
            except Trouble as trouble:
                raise Trouble(f"{trouble}\nData of an earlier version? ./run demo --fresh begins again.") from trouble
        steps.stamp("tables", tables)
    files = [path for path in (steps.root / "static").rglob("*") if path.is_file()]
    static = fingerprint([*files, steps.root / "package-lock.json"])
    if not (steps.stamped("static", static) and (steps.var / "static" / "staticfiles.json").exists()):
        with steps.step("Collecting static files"):
            steps.call([python, "manage.py", "collectstatic", "--no-input"], log="prepare", env=env)
        steps.stamp("static", static)
    if not steps.stamped("programme", database_identity(env)):
        with steps.step("Loading the demonstration programme"):
            steps.call([python, "manage.py", "demo_data"], log="prepare", env=env)
        steps.stamp("programme", database_identity(env))


def database_identity(env: dict[str, str]) -> str:
    """Which database the stamps speak of: our own wherever its socket is, else the one that was named."""
    return env["DATABASE_URL"] if "DATABASE_URL" in os.environ else "embedded"


def forget(steps: Steps) -> None:
    """Remove the demonstration's own data."""
    if "DATABASE_URL" in os.environ:
        raise Trouble("--fresh forgets only its own Postgres; DATABASE_URL names another: empty that one yourself.")
    for name in ("postgres", "media", "mail", "celerybeat-schedule"):
        path = steps.var / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    for name in ("tables", "programme"):
        (steps.var / "stamps" / name).unlink(missing_ok=True)


def refuse_taken_port(host: str, port: int) -> None:
    """Say it before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as problem:
            raise Trouble(f"Port {port} is taken (or not allowed): choose another with --port N.") from problem


@contextlib.contextmanager
def only_one(steps: Steps, port: int) -> Iterator[None]:
    """One demonstration a folder: a second start says where the first one is."""
    path = steps.var / "demo.json"
    if path.is_file():
        known = json.loads(path.read_text())
        if is_alive(known["pid"]):
            raise Trouble(f"The demonstration of this folder runs already, at http://localhost:{known['port']}/ .")
    path.write_text(json.dumps({"pid": os.getpid(), "port": port}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def announce(steps: Steps, env: dict[str, str]) -> None:
    """Let `./run manage` find the servers of a running demonstration."""
    path = steps.var / "demo.json"
    shared = {name: env[name] for name in ("DATABASE_URL", "REDIS_URL", "SITE_URL")}
    path.write_text(json.dumps({**json.loads(path.read_text()), "env": shared}))


def is_alive(pid: int) -> bool:
    """Whether process `pid` is one of ours and runs."""
    command = Path(f"/proc/{pid}/cmdline")
    if Path("/proc").is_dir():
        return command.is_file() and b"run" in command.read_bytes()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM both stop in order."""

    def stop(number: int, frame: object) -> None:
        raise Stopped

    old = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except Stopped:
        print("\n  Stopped.")
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def children_of(steps: Steps, env: dict[str, str], asked: argparse.Namespace) -> list[Child]:
    """Web server, worker and scheduler, with the commands of production."""
    python, log = str(python_of(steps.root)), steps.var / "log"
    bind = f"{asked.host}:{asked.port}"
    celery = [python, "-m", "celery", "-A", "innocore"]
    gunicorn = [python, "-m", "gunicorn", "innocore.wsgi", "--config", "innocore/gunicorn.py", "--bind", bind]
    return [
        Child("web", gunicorn, env, log / "web.log"),
        Child("worker", [*celery, "worker", "--loglevel", "info", "--concurrency", "2"], env, log / "worker.log"),
        Child("beat", [*celery, "beat", "--loglevel", "info"], env, log / "beat.log"),
    ]


def run_children(steps: Steps, env: dict[str, str], asked: argparse.Namespace, began: float) -> None:
    """Start the processes, wait until the application says that it is well, and watch over them."""
    children = children_of(steps, env, asked)
    os.chdir(steps.root)
    try:
        with steps.step("Starting web server, worker and scheduler"):
            for child in children:
                child.start()
            wait_until_well(f"http://127.0.0.1:{asked.port}/healthz", children)
        steps.summary()
        tell(steps, env, asked, time.monotonic() - began)
        watch(children)
    finally:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + 15
        for child in children:
            child.see_it_stopped(deadline - time.monotonic())


def wait_until_well(address: str, children: list[Child]) -> None:
    """Ask /healthz until it says ok; a process that dies meanwhile is told with its log."""
    for _attempt in range(600):
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if json.load(answer)["status"] == "ok":
                return
        for child in children:
            if child.has_died():
                raise Trouble(f"The {child.name} did not start (log: {child.log}):\n{child.tail()}")
        time.sleep(0.1)
    raise Trouble(f"{address} did not say ok within a minute (logs: {children[0].log.parent}).")


def tell(steps: Steps, env: dict[str, str], asked: argparse.Namespace, seconds: float) -> None:
    """Where it is, who may sign in, where the mail is."""
    site = env["SITE_URL"]
    print(f"\n  InnoCore is ready after {seconds:.1f} s:  {site}/")
    print(f"  Sent mail is read at      {site}/mailbox/\n", flush=True)
    subprocess.run([python_of(steps.root), "manage.py", "demo_accounts"], cwd=steps.root, env=env, check=False)
    print("\n  Ctrl-C stops everything that was started here; the data stays in var/.", flush=True)


def watch(children: list[Child]) -> None:
    """Start again what dies, a few times; then say which and give up."""
    while True:
        time.sleep(1)
        for child in children:
            if not child.has_died():
                continue
            child.restarts += 1
            print(f"\n  The {child.name} stopped unexpectedly; its last lines:\n{child.tail()}", flush=True)
            if child.restarts > RESTARTS:
                raise Trouble(f"The {child.name} stops again and again (log: {child.log}).")
            time.sleep(child.restarts)
            child.start()
            print(f"  The {child.name} is started again.", flush=True)
