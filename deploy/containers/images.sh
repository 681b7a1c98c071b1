#!/usr/bin/env bash
# Builds every image of compose.yaml with the Dockerfile, and says how large each is. Base images that cannot be pulled are made from
# this machine (base-images.sh).
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. deploy/containers/engine.sh
start_engine

# Images that exist are used as they are, whether they were pulled or made.
for image in $(deploy/containers/base-images.sh --list); do
  docker image inspect "$image" >/dev/null 2>&1 || docker pull -q "$image" 2>/dev/null || deploy/containers/base-images.sh "$image"
done
compose build
docker images --format '{{.Repository}}:{{.Tag}}\t{{.Size}}' | grep -v '<none>' | sort | column -t -s $'\t'
