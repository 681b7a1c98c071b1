# The container engine of `make images` and `make containers-test`: the machine's own if it runs, else Debian's, started for the
# purpose with a folder and a socket of its own. Read by the scripts of this folder, which end it with `stop_engine`.
ENGINE=$PWD/.local/engine

# docker_daemon_process: the process id of the engine that these scripts started, if it runs.
docker_daemon_process() {
  local process; process=$(cat "$ENGINE/pid" 2>/dev/null) || return 1
  kill -0 "$process" 2>/dev/null && echo "$process"
}

start_engine() {
  command -v docker >/dev/null && [ ! -e "$ENGINE/pid" ] && docker info >/dev/null 2>&1 && return
  export DOCKER_HOST="unix://$ENGINE/socket"
  docker_daemon_process >/dev/null && return
  [ "$(id -u)" = 0 ] || { echo "no container engine runs, and starting one needs root" >&2; return 1; }
  command -v dockerd >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends docker.io iptables
  mkdir -p "$ENGINE"
  # By default it keeps 2 GB of what builds cache: less than the crates that are compiled.
  echo '{"builder": {"gc": {"enabled": true, "defaultKeepStorage": "30GB"}}}' >"$ENGINE/daemon.json"
  dockerd --config-file "$ENGINE/daemon.json" --data-root "$ENGINE/data" --exec-root "$ENGINE/run" --host "$DOCKER_HOST" --pidfile "$ENGINE/pid" >"$ENGINE/log" 2>&1 &
  local try
  for try in $(seq 60); do docker info >/dev/null 2>&1 && return; sleep 0.5; done
  tail -n 5 "$ENGINE/log" >&2
  return 1
}

stop_engine() {
  local process; process=$(docker_daemon_process) || return 0
  kill "$process"
  while kill -0 "$process" 2>/dev/null; do sleep 0.2; done
}

# compose COMMAND...: Docker Compose on deploy/compose.yaml.
compose() {
  if docker compose version >/dev/null 2>&1; then docker compose -f deploy/compose.yaml "$@"
  else "${TICKETSHOW_TOOLS:-$PWD/.local/bin}/docker-compose" -f deploy/compose.yaml "$@"; fi
}
