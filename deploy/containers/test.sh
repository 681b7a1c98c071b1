#!/usr/bin/env bash
# Runs what compose.yaml describes, from the images of `make images`: books seats by card while each service is stopped and started
# again, and checks that no process is root, that nothing is written outside volumes, and that health checks notice a broken service.
# Its ports are not those of `make up`, and its volumes, which are deleted, have a project name of their own.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. deploy/containers/engine.sh
export COMPOSE_PROJECT_NAME=ticketshow-test
export TICKETSHOW_PORT=28000 TICKETSHOW_OPERATIONS_PORT=28090 TICKETSHOW_DODO_PORT=28010 TICKETSHOW_INBOX_PORT=28080
export TICKETSHOW_S3_PORT=29000 TICKETSHOW_S3_CONSOLE_PORT=29001
readonly API=http://localhost:$TICKETSHOW_PORT/api/v1

say() { printf '%4d s  %s\n' "$SECONDS" "$1"; }
fail() { say "failed: $1" >&2; exit 1; }

# eventually SECONDS WHAT COMMAND...: until the command succeeds.
eventually() {
  local until=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || fail "$what"
    sleep 1
  done
}

container() { compose ps --all --quiet "$1"; }
running() { docker inspect --format '{{.State.Running}}' "$(container "$1")" | grep -qx true; }
health_is() { docker inspect --format '{{.State.Health.Status}}' "$(container "$1")" | grep -qx "$2"; }
has_health_check() { [ "$(docker inspect --format '{{with .State.Health}}yes{{end}}' "$(container "$1")")" = yes ]; }
ready() { curl -sf http://localhost:$TICKETSHOW_OPERATIONS_PORT/readyz; }
all_ready() { ready | grep -vq failed; }

# ── a customer ──────────────────────────────────────────────────────────────────────────────────────────────────────

# first FIELD: the first value of a JSON field.
first() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }
call() { curl -sS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
status_is() { [ "$(call "$API/bookings/$1" | first status)" = "$2" ]; }
tickets_came() { curl -sf http://localhost:$TICKETSHOW_INBOX_PORT/api/email | grep -q "$1"; }

# sign_in ADDRESS PASSWORD
sign_in() {
  token=$(curl -sS -H 'Content-Type: application/json' "$API/auth/login" -d "{\"email\": \"$1\", \"password\": \"$2\"}" | first access_token)
  [ -n "$token" ] || fail "$1 could not sign in"
}

# Books one seat with the test card on the payment page; its id is then in `booking`.
book_by_card() {
  local screening seat page
  sign_in asha@example.com "ticketshow demo"
  screening=$(call "$API/screenings?city=Mumbai&limit=1" | first screening_id)
  seat=$(call "$API/screenings/$screening/seats" | grep -o '{[^{]*"status":"free"' | first seat)
  booking=$(call "$API/bookings" -d "{\"screening_id\": \"$screening\", \"seats\": [\"$seat\"]}" | first booking_id)
  [ -n "$booking" ] || fail "seat $seat was not held"
  page=$(call "$API/bookings/$booking/payment" -d '{"method": "card"}' | first checkout_url)
  curl -sS -o /dev/null -d 'card_number=4242424242424242&action=pay&email=asha%40example.com' "$page"
  eventually 60 "booking $booking was not confirmed" status_is "$booking" confirmed
  say "booked seat $seat by card"
}

# ── what is checked ─────────────────────────────────────────────────────────────────────────────────────────────────

# Not one process of a service is root, whatever user began it.
check_users() {
  local service
  for service in $(compose ps --services); do
    if docker top "$(container "$service")" -eo uid,pid,args | awk 'NR > 1 && $1 == 0 { print; found = 1 } END { exit !found }'; then
      fail "$service has a process that is root"
    fi
  done
  say "no process is root"
}

# What `docker diff` lists are changes outside volumes and memory, except the places where the engine mounts those.
check_writes() {
  local service mounts written
  for service in $(compose ps --services); do
    mounts=$(docker inspect --format '{{range .Mounts}}{{.Destination}} {{end}}{{range $folder, $_ := .HostConfig.Tmpfs}}{{$folder}} {{end}}' \
      "$(container "$service")")
    written=$(docker diff "$(container "$service")" | awk -v mounts="$mounts" '
      BEGIN { count = split(mounts, mount, " ") }
      { for (i = 1; i <= count; i++) if (mount[i] == $2 || index(mount[i], $2 "/") == 1) next; print $2 }')
    [ -z "$written" ] || fail "$service wrote outside its volumes: $written"
  done
  say "nothing is written outside volumes"
}

# A process that hangs keeps its port open: the worst case for a health check.
check_health() {
  local service
  for service in $(compose ps --services); do
    has_health_check "$service" || continue
    docker kill --signal STOP "$(container "$service")" >/dev/null
    eventually 180 "the health check of $service did not notice that it hangs" health_is "$service" unhealthy
    docker kill --signal CONT "$(container "$service")" >/dev/null
    eventually 60 "$service did not recover" health_is "$service" healthy
    say "the health check of $service notices that it hangs"
  done
}

# Stopped and started again, a service serves the next customer, and bookings of before are there.
check_restarts() {
  local service before
  for service in $(compose ps --services); do
    before=$booking
    compose --progress quiet stop "$service"
    running "$service" && fail "$service did not stop"
    compose --progress quiet start "$service"
    eventually 120 "the site was not ready after a restart of $service" all_ready
    book_by_card
    status_is "$before" confirmed || fail "booking $before is lost after a restart of $service"
    say "$service was stopped and started again"
  done
}

clean_up() {
  local code=$?
  [ "$code" = 0 ] || compose --profile demo logs --tail 20 >&2
  compose --profile demo down --volumes --remove-orphans --timeout 10 >/dev/null 2>&1
  exit "$code"
}

start_engine
compose --profile demo down --volumes --remove-orphans >/dev/null 2>&1
trap clean_up EXIT

compose --progress quiet up --detach --no-build
eventually 120 "the site is not ready" all_ready
say "the site is ready"
compose --profile demo run --rm demo >/dev/null || fail "the demo data was not loaded"
say "the demo data is loaded"
sign_in admin@ticketshow.local "$(compose run --rm --entrypoint cat keys /keys/admin 2>/dev/null)"
say "the administrator signed in with the generated password"
book_by_card
eventually 60 "no mail with the tickets came" tickets_came asha@example.com
say "the tickets came by mail"
check_users
check_writes
check_health
check_restarts
check_users
check_writes
say "all is well"
