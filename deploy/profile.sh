#!/usr/bin/env bash
# Records where the server spends its processor time while the load tool measures a row.
#
#   deploy/profile.sh ROW [OPTION...]      deploy/profile.sh row3 --seconds 20
#
# Writes target/profile/ROW.svg, a flame graph to open in a browser, and prints the functions with the most samples of their own.
# Needs `perf` (Debian: linux-perf) and permission to use it (root, or kernel.perf_event_paranoid below 2).
set -eu
cd "$(dirname "$0")/.."
row=${1:?a row of the load tool, such as row3}
shift
command -v perf >/dev/null || { echo "perf is missing (Debian: apt-get install linux-perf)" >&2; exit 1; }
folder=target/profile
mkdir -p "$folder"

target/release/load "$row" "$@" >"$folder/$row.md" &
load=$!
server=
while [ -z "$server" ]; do
  kill -0 "$load" 2>/dev/null || { echo "the load tool ended early" >&2; exit 1; }
  sleep 0.2
  server=$(pgrep --parent "$load" --full '/ticketshow serve' | head -n 1 || true)
done
# The clock of the processor, because virtual machines often have no counters. It ends with the server.
perf record --quiet --freq 199 --event cpu-clock --call-graph dwarf,16384 --pid "$server" --output "$folder/$row.data" || true
wait "$load"
cat "$folder/$row.md"
perf report --input "$folder/$row.data" --no-children --call-graph none --percent-limit 0.5 --stdio 2>/dev/null |
  grep -v '^#' | grep -v '^$' | head -n 60
perf script --input "$folder/$row.data" 2>/dev/null | "${TICKETSHOW_TOOLS:-.local/bin}/inferno-collapse-perf" |
  "${TICKETSHOW_TOOLS:-.local/bin}/inferno-flamegraph" --title "$row" >"$folder/$row.svg"
rm "$folder/$row.data"
echo "$folder/$row.svg"
