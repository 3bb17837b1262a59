# Sourced by scripts/demo and scripts/test: runs the set-up (scripts/_dev) with a fitting Python.
# shellcheck shell=bash

# Prints the interpreter to use. A finished .venv has been judged before, so its own Python is taken without a search.
find_python() {
    local root=$1 name candidate verdict too_old="" no_venv=""
    if [ -f "$root/.venv/.notary-setup.json" ] && [ -x "$root/.venv/bin/python" ]; then
        printf '%s\n' "$root/.venv/bin/python"
        return 0
    fi
    for name in ${NOTARY_PYTHON:+"$NOTARY_PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 python; do
        while IFS= read -r candidate; do
            verdict=$("$candidate" -I -c '
import sys
if sys.version_info < (3, 11):
    print("old", "%d.%d" % sys.version_info[:2])
else:
    try:
        import ensurepip, venv
        print("good")
    except ImportError:
        print("no-venv", "%d.%d" % sys.version_info[:2])
' 2>/dev/null) || continue
            case $verdict in
                good) printf '%s\n' "$candidate"; return 0 ;;
                old*) too_old="$too_old $candidate (${verdict#old })" ;;
                no-venv*) no_venv=${no_venv:-"$candidate ${verdict#no-venv }"} ;;
            esac
        done < <(type -aP "$name")
    done
    if [ -n "$no_venv" ]; then
        {
            echo "[set-up] ${no_venv% *} is new enough, but it cannot make virtual environments: its ensurepip is missing."
            echo "[set-up] On Debian or Ubuntu, as root: apt-get install python${no_venv##* }-venv"
        } >&2
    else
        {
            echo "[set-up] Python 3.11 or newer is needed, and there is none on PATH.${too_old:+ Too old:$too_old.}"
            echo "[set-up] Install one, or name it in NOTARY_PYTHON, and start again."
        } >&2
    fi
    return 69
}

run_dev() {
    local root=$1 python
    shift
    python=$(find_python "$root") || exit $?
    # -P keeps the caller's folder off the module path; PYTHONPATH is for this one process.
    PYTHONPATH=$root exec "$python" -s -P -m scripts._dev "$@"
}
