"""Builds `.venv` from `requirements.lock`: `python3 scripts/bootstrap.py`.

Runs on whatever Python 3 the machine has (standard library only, no syntax newer than 3.4) and
needs nothing else: uv is taken from PATH or put into `.tools/`, Python 3.10 is one that is
installed or one that uv fetches, and the packages are exactly the locked ones. A second run with
an unchanged lock does nothing. Every way to fail ends in one sentence on stderr and exit code 1.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools")
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, ".lock-sha256")
PYTHON_VERSION = "3.10"
UV_INSTALLER = "https://astral.sh/uv/install.sh"


class SetupError(Exception):
    """Set-up can't go on; the message is the one sentence to show."""


def say(text):
    """Shows progress at once, so that a long step is never a silent one."""
    sys.stderr.write("* " + text + "\n")
    sys.stderr.flush()


def works(command):
    """Whether a command runs and succeeds; its output is thrown away."""
    try:
        with open(os.devnull, "w") as nothing:
            return subprocess.call(command, stdout=nothing, stderr=nothing) == 0
    except OSError:
        return False


def output_of(command):
    """The stripped standard output of a command, None if it fails."""
    try:
        with open(os.devnull, "w") as nothing:
            return subprocess.check_output(command, stderr=nothing).decode("utf-8").strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def is_debian_root():
    """Whether packages can be installed here with apt, without asking for a password."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages):
    """Installs Debian packages; True if that worked."""
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with open(os.devnull, "w") as nothing:
        subprocess.call(["apt-get", "update", "-q"], env=env, stdout=nothing)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends"] + list(packages)
        return subprocess.call(command, env=env, stdout=nothing) == 0


# --- uv ---------------------------------------------------------------------------------------


def uv_from_venv():
    """uv in a virtual environment of its own: `.tools/venv`."""
    home = os.path.join(TOOLS, "venv")
    if not works([sys.executable, "-m", "venv", "--clear", home]):
        return None
    works([os.path.join(home, "bin", "python"), "-m", "pip", "install", "--quiet", "uv"])
    return os.path.join(home, "bin", "uv")


def uv_from_pip():
    """uv into a plain folder, which PEP 668 ("externally managed") allows: `.tools/pip`."""
    home = os.path.join(TOOLS, "pip")
    works([sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", home, "uv"])
    return os.path.join(home, "bin", "uv")


def uv_from_apt_venv():
    """Debian splits venv out of Python; as root it can be added."""
    if not is_debian_root() or not apt_install("python3-venv"):
        return None
    return uv_from_venv()


def uv_from_installer():
    """uv's own installer script, told to keep inside `.tools/bin` and change no profile."""
    from urllib.request import urlopen

    home = os.path.join(TOOLS, "bin")
    try:
        script = urlopen(UV_INSTALLER, timeout=60).read()
    except (OSError, ValueError):
        return None
    env = dict(os.environ, UV_UNMANAGED_INSTALL=home, UV_INSTALL_DIR=home, UV_NO_MODIFY_PATH="1")
    try:
        with open(os.devnull, "w") as nothing:
            process = subprocess.Popen(["sh"], env=env, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing)
            process.communicate(script)
    except OSError:
        return None
    return os.path.join(home, "uv")


UV_SOURCES = (uv_from_venv, uv_from_pip, uv_from_apt_venv, uv_from_installer)


def find_uv(path=None, tools=TOOLS):
    """uv on PATH, else one that an earlier run put into `.tools`; None if there is none."""
    found = shutil.which("uv", path=path)
    candidates = [found] if found else []
    candidates += [os.path.join(tools, place, "uv") for place in ("venv/bin", "pip/bin", "bin")]
    for candidate in candidates:
        if works([candidate, "--version"]):
            return candidate
    return None


def get_uv(sources=UV_SOURCES):
    """uv's path, installing it if needed. Raises SetupError when every way failed."""
    uv = find_uv()
    if uv:
        return uv
    say("Getting uv (Python package installer) into .tools/")
    for source in sources:
        uv = source()
        if uv and works([uv, "--version"]):
            return uv
    raise SetupError(
        "Could not get uv, the Python package installer: check the internet connection, "
        "or install uv yourself (see https://docs.astral.sh/uv) and run this again."
    )


# --- Python -----------------------------------------------------------------------------------


def is_wanted_python(python):
    """Whether this interpreter runs and is a complete Python 3.10 (a pyenv shim may not be)."""
    check = "import sys, ssl, sqlite3; sys.exit(sys.version_info[:2] != (3, 10))"
    return works([python, "-c", check])


def pyenv_pythons(environ=None):
    """Interpreters that pyenv has installed, newest first."""
    environ = os.environ if environ is None else environ
    home = environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    found = glob.glob(os.path.join(home, "versions", PYTHON_VERSION + "*", "bin", "python"))
    return sorted(found, key=lambda path: [int(part) for part in version_of(path)], reverse=True)


def version_of(pyenv_path):
    """The numbers in the version folder of a pyenv interpreter: 3.10.13 → ["3", "10", "13"]."""
    folder = pyenv_path.split(os.sep)[-3]
    return [part for part in folder.split(".") if part.isdigit()]


def get_python(uv):
    """Path of a Python 3.10: an installed one, else one that uv fetches. Raises SetupError."""
    found = output_of([uv, "python", "find", "--system", PYTHON_VERSION])
    for python in ([found] if found else []) + pyenv_pythons():
        if is_wanted_python(python):
            return python
    say("Getting Python " + PYTHON_VERSION)
    if subprocess.call([uv, "python", "install", PYTHON_VERSION]) == 0:
        managed = [uv, "python", "find", "--system", "--python-preference", "only-managed", PYTHON_VERSION]
        python = output_of(managed)
        if python and is_wanted_python(python):
            return python
    raise SetupError(
        "Could not get Python " + PYTHON_VERSION + ": check the internet connection, "
        "or install Python " + PYTHON_VERSION + " yourself and run this again."
    )


# --- the environment ----------------------------------------------------------------------------


def lock_hash(lock=LOCK):
    """What the stamp in `.venv` must say for the environment to be current."""
    with open(lock, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_current(stamp=STAMP, lock=LOCK):
    """Whether `.venv` was built from this very lock."""
    try:
        with open(stamp) as file:
            return file.read().strip() == lock_hash(lock)
    except OSError:
        return False


def ensure():
    """Makes `.venv` current. Raises SetupError."""
    if is_current() and works([VENV_PYTHON, "--version"]):
        return
    uv = get_uv()
    if not is_wanted_python(VENV_PYTHON):
        python = get_python(uv)
        say("Making .venv with " + python)
        if subprocess.call([uv, "venv", "--quiet", "--clear", "--python", python, VENV]) != 0:
            raise SetupError("Could not make .venv: see uv's words above.")
    say("Installing the locked packages (the first time takes some minutes)")
    if subprocess.call([uv, "pip", "sync", "--python", VENV_PYTHON, LOCK]) != 0:
        raise SetupError(
            "Could not install the packages in requirements.lock: see uv's words above; "
            "most often the internet connection broke off, so run this again."
        )
    write_rasa_command()
    with open(STAMP, "w") as file:
        file.write(lock_hash())


def write_rasa_command(path=VENV + "/bin/rasa"):
    """Lets a plain `rasa shell` start with the local ports and tokens (see scripts/rasa.py)."""
    lines = ["#!" + VENV_PYTHON, "import sys", "sys.path.insert(0, " + repr(ROOT) + ")"]
    lines += ["from scripts.rasa import main", "main()", ""]
    with open(path, "w") as file:
        file.write("\n".join(lines))
    os.chmod(path, 0o755)


def main():
    """Sets up; exit code 0 or 1."""
    if sys.argv[1:] == ["--uv"]:  # for `make lock`: only say where uv is
        print(get_uv())
        return 0
    ensure()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        sys.stderr.write("Set-up stopped: " + str(error) + "\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
