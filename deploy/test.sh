#!/usr/bin/env bash
# Runs the tests of the workspace and counts them. The tests start their own servers on free ports and do not touch the running
# stack. Arguments are passed to cargo test.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
export TICKETSHOW_TOOLS="${TICKETSHOW_TOOLS:-$PWD/.local/bin}"
export PG_BIN="${PG_BIN:-$(readlink -f "$TICKETSHOW_TOOLS/pg")}"
# The addresses of a real installation must not leak into tests.
unset NATS_URL DATABASE_URL SMTP_URL TICKETSHOW_HOME TICKETSHOW_SECRET TICKETSHOW_NATS_KEYS
unset DODO_PAYMENTS_API_KEY DODO_PAYMENTS_WEBHOOK_KEY DODO_PAYMENTS_PRODUCT_ID DODO_PAYMENTS_BASE_URL OPENSEARCH_URL S3_ENDPOINT

started=$SECONDS
cargo test --config deploy/tests.toml --release --locked --workspace --no-fail-fast "$@" 2>&1 | tee .local/build-logs/test.log
code=$?
awk -v seconds=$((SECONDS - started)) '
  /^test result:/ { passed += $4; failed += $6; ignored += $8 }
  /^test .* FAILED$/ { names = names "\n  " $2 }
  END { printf "\n%d tests passed, %d failed, %d ignored, in %d s%s\n", passed, failed, ignored, seconds, names }
' .local/build-logs/test.log
exit $code
