#!/bin/sh
# Installs the programs that the tests drive: a browser, a video encoder, a database server;
# and those named as arguments.
set -eu

missing=""
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
command -v pdftoppm >/dev/null || missing="$missing poppler-utils"
command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/initdb" ] ||
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk fontconfig"
for program in "$@"; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing$missing …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
    echo "Installing$missing …"
    sudo apt-get update -qq
    # shellcheck disable=SC2086
    sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need these programs; install them with the system's package manager:$missing" >&2
    exit 1
fi
