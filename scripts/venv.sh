# Sourced by scripts/demo, scripts/page-weight and scripts/test, in the project's root:
#
#     ensure_venv NAME PIP-ARGS...
#
# makes the environment $VENV, with the Python that PYTHON names if it is set, and runs "pip install PIP-ARGS..." in it.
# Its file .stamp-NAME holds a checksum of pyproject.toml, the arguments and the project's folder; while it is the same,
# nothing is installed again.

# shellcheck shell=sh

VENV=.venv

find_python() {
    if [ "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.14 python3.13 python3.12 python3.11
    fi
    for candidate in "$@"; do
        # Debian's python3 may lack ensurepip, and then makes environments without pip.
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "$0: needs Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3-venv)" >&2
    return 1
}

run_pip() {
    # Not bin/pip: its first line holds the path at which the environment was made, which is wrong after a move.
    "$VENV/bin/python" -m pip -qq --disable-pip-version-check "$@"
}

ensure_venv() {
    stamp=$VENV/.stamp-$1
    shift
    checksum=$({ printf '%s\n' "$PWD" "$@" && cat pyproject.toml; } | cksum)

    # The Python that made it may be gone, for example after a system upgrade.
    if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
        python=$(find_python) || return
        echo "Making $VENV with $("$python" --version)" >&2
        "$python" -m venv --clear "$VENV" || return
    fi
    if [ "$checksum" = "$(cat "$stamp" 2>/dev/null)" ]; then
        return
    fi

    echo "Installing into $VENV: $*" >&2
    case " $* " in
    *" --group "*)
        run_pip install --help | grep -q -e --group || run_pip install --upgrade 'pip>=25.1' || return
        ;;
    esac
    run_pip install "$@" || return
    echo "$checksum" >"$stamp"
}

# The dependencies at their lower bounds, as pip's arguments.
oldest_versions() {
    "$(find_python)" - <<'END'
import re, tomllib
with open("pyproject.toml", "rb") as file:
    print(*(re.sub(">=([^,]+).*", r"==\1", bound) for bound in tomllib.load(file)["project"]["dependencies"]))
END
}

# Put the built wheel in the place of what is installed.
install_wheel() {
    folder=$(mktemp -d)
    "$VENV/bin/python" -m build --no-isolation --wheel --outdir "$folder" >/dev/null || return
    run_pip install --no-deps --force-reinstall "$folder"/*.whl || return
    rm -r "$folder"
}
