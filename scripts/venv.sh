# Sourced by scripts/demo, scripts/page-weight and scripts/test, in the project's root:
#
#     ensure_venv NAME PIP-ARGS...
#
# makes .venv and runs "pip install PIP-ARGS..." in it. The file .venv/.stamp-NAME holds a checksum of pyproject.toml,
# the arguments and the project's folder; while it is the same, nothing is installed again.

# shellcheck shell=sh

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
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
    # Not .venv/bin/pip: its first line holds the path at which .venv was made, which is wrong after a move.
    .venv/bin/python -m pip -qq --disable-pip-version-check "$@"
}

ensure_venv() {
    stamp=.venv/.stamp-$1
    shift
    checksum=$({ printf '%s\n' "$PWD" "$@" && cat pyproject.toml; } | cksum)

    # The Python that made .venv may be gone, for example after a system upgrade.
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        python=$(find_python) || return
        echo "Making .venv with $("$python" --version)" >&2
        "$python" -m venv --clear .venv || return
    fi
    if [ "$checksum" = "$(cat "$stamp" 2>/dev/null)" ]; then
        return
    fi

    echo "Installing into .venv: $*" >&2
    case " $* " in
    *" --group "*)
        run_pip install --help | grep -q -e --group || run_pip install --upgrade 'pip>=25.1' || return
        ;;
    esac
    run_pip install "$@" || return
    echo "$checksum" >"$stamp"
}
