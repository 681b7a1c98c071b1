#!/usr/bin/env bash
# The web app.
#
#   deploy/web.sh build      builds web/dist, unless the sources are unchanged
#   deploy/web.sh check      formatting, types, lint, unit tests, and a build with its limits of size
#   deploy/web.sh stories    drives a browser through the app, on its own stack
set -eu
cd "$(dirname "$0")/.."
. deploy/versions.env
mkdir -p .local

older() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
command -v npm >/dev/null || { echo "Node is missing: install Node $NODE_VERSION or newer, the web app is built with it." >&2; exit 1; }
have=$(node --version); have=${have#v}
if older "$have" "$NODE_VERSION"; then echo "Node $NODE_VERSION or newer is needed for the web app, found $have." >&2; exit 1; fi

# A checksum of the app's sources.
sources() {
  find web \( -name node_modules -o -name dist -o -path web/stories \) -prune -o -type f ! -name schema.d.ts -print0 \
    | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}
# Installs the libraries of the lock file, once per version of it.
libraries() {
  local lock; lock=$(sha256sum web/package-lock.json | cut -d' ' -f1)
  [ "$(cat web/node_modules/.of-lock 2>/dev/null)" = "$lock" ] && return
  ( cd web && npm ci --no-audit --no-fund )
  echo "$lock" >web/node_modules/.of-lock
}

case ${1:-build} in
  build)
    now=$(sources)
    [ -f web/dist/index.html ] && [ "$(cat web/dist/.of-sources 2>/dev/null)" = "$now" ] && exit 0
    libraries
    ( cd web && npm run build )
    echo "$now" >web/dist/.of-sources ;;
  check) libraries; ( cd web && npm run check && npm run build ) ;;
  stories) libraries; ( cd web && npm run build && npm run stories ) ;;
  *) echo "web.sh: unknown command: $1" >&2; exit 1 ;;
esac
