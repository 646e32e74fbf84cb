"""`./run`: what it lists, and one clear sentence for each thing a person must mend."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import ROOT, until

WITHOUT_VENV = """
import runpy, sys
sys.modules["ensurepip"] = None  # what Debian's Python looks like without python3-venv
sys.argv = ["run", "demo"]
runpy.run_path("run", run_name="__main__")
"""


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The package behind ./run, with a var/ of its own."""
    monkeypatch.syspath_prepend(str(ROOT / "innocore"))
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    import local.demo
    import local.install
    import local.steps

    return local


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone, as far as ./run needs one before anything is installed."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "innocore" / "local", folder / "innocore" / "local")
    for name in ("run", "package-lock.json", *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def listener() -> Iterator[int]:
    """A port that somebody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def run(folder: Path, words: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "VAR_DIR"}}
    return subprocess.run(
        words, cwd=folder, env={**kept, **env}, capture_output=True, text=True, timeout=60, check=False
    )


def test_run_alone_lists_the_commands(clone: Path) -> None:
    listed = run(clone, ["./run"])
    assert listed.returncode == 0
    lines = [line.split()[1] for line in listed.stdout.splitlines() if line.startswith("  ./run")]
    assert lines == ["demo", "test", "check", "fmt", "bench", "manage"]
    assert not (clone / ".venv").exists()


def test_an_unknown_command_is_not_a_success(clone: Path) -> None:
    assert run(clone, ["./run", "dmeo"]).returncode == 2


def test_a_python_without_venv_is_said_in_a_sentence(clone: Path) -> None:
    done = run(clone, [sys.executable, "-c", WITHOUT_VENV])
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "This Python lacks the venv module: install it (Debian and Ubuntu: apt-get install python3-venv)."
    )


def test_no_network_is_said_in_a_sentence(clone: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    done = run(clone, ["./run", "demo"], **nowhere)
    assert done.returncode == 1
    assert done.stderr.strip().startswith("The packages could not be fetched: is there a network? (log: ")
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said_before_anything_starts(
    local: Any, listener: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(local.steps.Trouble, match=f"^Port {listener} is taken .*--port N.$"):
        local.demo.demo(ROOT, ["--port", str(listener)])
    assert not (tmp_path / "var" / "demo.json").exists()
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_second_demonstration_says_where_the_first_is(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = local.steps.Steps(ROOT)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    first = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "run", "demo"])
    try:
        until(lambda: local.demo.is_alive(first.pid))
        (steps.var / "demo.json").write_text(f'{{"pid": {first.pid}, "port": 8123}}')
        with pytest.raises(local.steps.Trouble, match="runs already, at http://localhost:8123/"):
            local.demo.demo(ROOT, ["--port", "0"])
    finally:
        first.terminate()
        first.wait(10)


def test_fresh_never_empties_a_database_that_is_not_its_own(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/theirs")
    with pytest.raises(local.steps.Trouble, match="forgets only its own Postgres"):
        local.demo.demo(ROOT, ["--port", "0", "--fresh"])


def test_steps_before_the_virtual_environment_count_in_the_summary(
    local: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("INNOCORE_STEPS", raising=False)
    before = local.steps.Steps(ROOT)
    before.times = [("Installing Python packages", 20.0)]
    before.hand_on()
    after = local.steps.Steps(ROOT)
    with after.step("Making the tables"):
        pass
    assert after.seconds >= 20
    after.summary()
    told = capsys.readouterr().out.split("How long each step took:")[1]
    assert "20.0 s  Installing Python packages" in told
    assert "Making the tables" in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_a_sentence(local: Any) -> None:
    steps = local.steps.Steps(ROOT)
    said = pytest.raises(local.steps.Trouble, match="The disk is full: make room and start again")
    with said, steps.step("Filling"), open("/dev/full", "w") as file:
        file.write("x")
    with pytest.raises(local.steps.Trouble, match="The disk is full"):
        steps.call([sys.executable, "-c", "print('x', file=open('/dev/full', 'w'), flush=True)"], log="full")


def test_a_folder_that_cannot_be_written_to_is_said(local: Any) -> None:
    with (
        pytest.raises(local.steps.Trouble, match="cannot be written to: /somewhere"),
        local.steps.telling_about_space(),
    ):
        raise PermissionError(13, "Permission denied", "/somewhere")


def test_the_keys_of_a_machine_stay_the_same_and_to_their_owner(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS"):
        monkeypatch.delenv(name, raising=False)
    from local.servers import secrets_of

    var = local.steps.Steps(ROOT).var
    assert secrets_of(var) == secrets_of(var)
    assert (var / "secrets.json").stat().st_mode & 0o077 == 0
