"""The commands of `./run`."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local import install
from local.demo import demo as start_demo
from local.demo import is_alive
from local.servers import Servers, secrets_of
from local.steps import Steps, Trouble

PACKAGES = (
    "applications", "common", "fellowships", "funding", "innocore", "labs", "matching", "mentoring", "notifications",
    "outreach", "people", "reports", "reviews",
)  # fmt: skip
PRODUCTION = {
    "SITE_URL": "https://innocore.example",
    "ALLOWED_HOSTS": "innocore.example",
    "DEMO": "0",
    "DEBUG": "0",
}


def demo(root: Path, words: list[str]) -> int:
    """start the whole application with a believable programme"""
    return start_demo(root, words)


def test(root: Path, words: list[str]) -> int:
    """run the tests against servers of their own; arguments go to pytest (./run test -k word)"""
    steps = Steps(root)
    with _test_servers(steps) as servers:
        env = {**servers.start(), **_test_env(steps)}
        install.translations(steps, env)
        return _pytest(root, env, words)


def check(root: Path, words: list[str]) -> int:
    """everything that CI does: style, types, order of rooms, migrations, translations, tests with coverage"""
    steps = Steps(root)
    failed: list[str] = []
    with _test_servers(steps) as servers:
        env = {**servers.start(), **_test_env(steps)}
        install.translations(steps, env)
        for name, command, more in _checks(root):
            began = time.monotonic()
            done = subprocess.run(command, cwd=root, env={**env, **more}, check=False)
            print(
                f"--- {name}: {'ok' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            if done.returncode:
                failed.append(name)
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}", flush=True)
    tested = test(root, ["--cov", "--cov-report=term", "--cov-fail-under=95", *words])
    return 1 if failed or tested else 0


def fmt(root: Path, words: list[str]) -> int:
    """bring code and templates into shape"""
    python = str(install.python_of(root))
    templates = [str(path) for path in sorted((root / "templates").rglob("*.html"))]
    for command in (
        [python, "-m", "ruff", "check", "--fix", "--quiet", "."],
        [python, "-m", "ruff", "format", "."],
        [_tool(root, "djade"), "--target-version", "5.2", *templates],
    ):
        subprocess.run(command, cwd=root, check=False)
    return 0


def bench(root: Path, words: list[str]) -> int:
    """measure, as ratios to a floor of the same run; JSON lines (./run bench pages)"""
    steps = Steps(root)
    folder = steps.var / f"bench-{os.getpid()}"
    try:
        with Servers(steps, folder=folder, database="bench", fast=False) as servers:
            env = {**servers.start(), **_test_env(steps)}
            return subprocess.run(
                [install.python_of(root), "-m", "bench", *words], cwd=root, env=env, check=False
            ).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def manage(root: Path, words: list[str]) -> int:
    """Django's command line, on the demonstration's data (./run manage shell)"""
    command = [str(install.python_of(root)), "manage.py", *words]
    steps = Steps(root)
    running = steps.var / "demo.json"
    if running.is_file():
        known = json.loads(running.read_text())
        if is_alive(known["pid"]) and "env" in known:
            env = {**os.environ, **_keys(steps), **known["env"], "DEMO": "1", "VAR_DIR": str(steps.var)}
            return subprocess.run(command, cwd=root, env=env, check=False).returncode
    with Servers(steps, folder=steps.var / "postgres") as servers:
        env = {**servers.start(), "DEMO": os.environ.get("DEMO", "1")}
        return subprocess.run(command, cwd=root, env=env, check=False).returncode


COMMANDS: dict[str, tuple[Callable[[Path, list[str]], int], tuple[str, ...]]] = {
    "demo": (demo, install.RUNS),
    "test": (test, install.DEVELOPS),
    "check": (check, install.DEVELOPS),
    "fmt": (fmt, install.DEVELOPS),
    "bench": (bench, install.DEVELOPS),
    "manage": (manage, install.RUNS),
}


def _keys(steps: Steps) -> dict[str, str]:
    return secrets_of(steps.var)


class _test_servers(Servers):
    """Servers in a folder that is gone afterwards."""

    def __init__(self, steps: Steps) -> None:
        super().__init__(steps, folder=steps.var / f"test-{os.getpid()}", database="tests", fast=True)

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _test_env(steps: Steps) -> dict[str, str]:
    return {
        "DEMO": "1",
        "DEBUG": "0",
        "SITE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "TEST_VAR": str(steps.var),
    }


def _pytest(root: Path, env: dict[str, str], words: list[str]) -> int:
    has_browser = any(shutil.which(name) for name in ("chromium-headless-shell", "chromium"))
    parallel = [] if any(word.startswith(("-n", "--pdb", "-s")) for word in words) else _side_by_side()
    command = [str(install.python_of(root)), "-m", "pytest", *parallel, *words]
    code = subprocess.run(command, cwd=root, env=env, check=False).returncode
    if not has_browser:
        print("\n*** No chromium on this machine: every test in a browser was SKIPPED. ***", flush=True)
        if os.environ.get("CI"):
            return code or 1
    return code


def _side_by_side() -> list[str]:
    """Half as many processes again as there are processors: who waits for a browser or a worker leaves one free."""
    return ["-n", str((os.cpu_count() or 1) * 3 // 2), "--dist", "loadscope", "--no-loadscope-reorder"]


def _tool(root: Path, name: str) -> str:
    """A program of the virtual environment that is no Python module."""
    return str(root / ".venv" / "bin" / name)


def _checks(root: Path) -> list[tuple[str, list[str], dict[str, str]]]:
    python = str(install.python_of(root))
    templates = [str(path.relative_to(root)) for path in sorted((root / "templates").rglob("*.html"))]
    sources = [str(path.relative_to(root)) for name in PACKAGES for path in sorted((root / name).rglob("*.py"))]
    return [
        ("style", [python, "-m", "ruff", "check", "."], {}),
        ("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."], {}),
        ("templates", [_tool(root, "djade"), "--check", "--target-version", "5.2", *templates], {}),
        ("idioms", [python, "-m", "django_upgrade", "--target-version", "5.2", *sources], {}),
        ("types", [python, "-m", "mypy", *PACKAGES], {}),
        ("order of rooms", [_tool(root, "lint-imports")], {}),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        ("deployment", [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        ("translations", [python, "manage.py", "messages", "--check"], {}),
        ("documentation", [python, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", "var/site"], {}),
    ]


def main(root: Path, words: list[str]) -> int:
    """List the commands, or make sure that everything is installed and run one."""
    if not words or words[0] not in COMMANDS:
        print("InnoCore. Commands:\n")
        for name, (command, _needs) in COMMANDS.items():
            print(f"  ./run {name:8}{command.__doc__}")
        return 0 if not words or words[0] in {"-h", "--help", "help"} else 2
    command, needs = COMMANDS[words[0]]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a dozen processes start from these files: compile them once
    if command is bench:
        sys.stdout = sys.stderr  # what is done is said there; the figures alone go to standard output
    try:
        steps = Steps(root)
        install.everything(steps, needs)
        if not install.inside_venv(root):
            steps.hand_on()
            install.go_inside(root, words)
        return command(root, words[1:])
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
