# Sourced by scripts/demo and scripts/test, from the project's root:
#
#     ensure_venv NAME PIP-ARGS...
#
# leaves a .venv for which "pip install PIP-ARGS..." has been done. A stamp, .venv/.stamp-NAME, makes that quick the
# second time; it is out of date when pyproject.toml, the arguments or the place of the project has changed.

# shellcheck shell=sh

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        # Debian's python3 comes without ensurepip, and then makes environments that lack pip.
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "$0: needs Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3-venv)" >&2
    return 1
}

run_pip() {
    # As a module, never as .venv/bin/pip: that script's first line holds the path that .venv was made at.
    .venv/bin/python -m pip -qq --disable-pip-version-check "$@"
}

ensure_venv() {
    stamp=.venv/.stamp-$1
    shift
    checksum=$({ printf '%s\n' "$PWD" "$@" && cat pyproject.toml; } | cksum)

    # A .venv outlives the Python that made it, for example when the system is upgraded.
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
