#!/usr/bin/env bash
# Brings what the project needs onto a machine that has Python, make and git: uv, both environments.
# Usage: ./setup.sh [tests]    "tests" also trains the model, which the program else does while it runs, and brings a
# Chromium, fonts, PostgreSQL, a C compiler and promtool (Debian, as root or by sudo).
set -eu
cd "$(dirname "$0")"

UV_VERSION=0.13.9
say() { printf 'setup: %s\n' "$*" >&2; }

# Interpreters that pyenv keeps come before its shims, which answer for versions that are not switched on.
for bin in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.{12,10}.*/bin; do
  [ -d "$bin" ] && PATH="$bin:$PATH"
done

if ! command -v uv >/dev/null; then
  if [ ! -x .uv/bin/uv ]; then
    say "bringing uv (some seconds)"
    python3 -m venv .uv
    .uv/bin/pip install --quiet "uv==$UV_VERSION"
  fi
  PATH="$PWD/.uv/bin:$PATH"
fi

# Compiling takes seconds: only after the lock file changed.
sync() {
  if [ "$1/.venv/.synced" -nt "$1/uv.lock" ]; then
    uv sync --frozen --quiet --project "$1"
  else
    say "$2"
    uv sync --frozen --compile-bytecode --project "$1"
    touch "$1/.venv/.synced"
  fi
}
sync . "the program's environment"
sync nlu "the NLU server's environment (Python 3.10, some 600 MB, once)"

if [ "${1:-}" = tests ]; then
  say "the NLU model (a few minutes the first time; kept until its data changes)"
  nlu/.venv/bin/python -m nlu.train >/dev/null
  found=$(command -v chromium chromium-browser google-chrome google-chrome-stable | head -1 || true)
  [ -n "$found" ] || wanted="chromium fonts-noto-core fonts-noto-cjk"
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted="${wanted:-} postgresql"
  command -v cc >/dev/null || wanted="${wanted:-} gcc libc6-dev"
  root=$([ "$(id -u)" = 0 ] || echo sudo)
  if [ -n "${wanted:-}" ]; then
    say "for the tests: $wanted (a minute or two)"
    $root apt-get update -qq
    # shellcheck disable=SC2086
    $root apt-get install -y -qq --no-install-recommends $wanted >/dev/null
  fi
  # The one program out of its package: installing that would start a server on this machine.
  if ! command -v promtool >/dev/null; then
    say "for the tests: promtool (19 MB)"
    [ -n "${wanted:-}" ] || $root apt-get update -qq
    folder=$(mktemp -d)
    (cd "$folder" && apt-get download -qq prometheus && dpkg-deb --extract prometheus_*.deb .)
    $root install "$folder/usr/bin/promtool" /usr/local/bin/promtool
    rm -r "$folder"
  fi
fi
say "ready"
