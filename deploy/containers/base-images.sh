#!/usr/bin/env bash
# Makes stand-ins of the images that the Dockerfile, compose.yaml and kubernetes/ name and do not build, for a machine that cannot pull them: Debian by
# debootstrap, toolchains and servers from this machine. Names, users, entrypoints and folders are those of the published images;
# sizes, and whatever else is in those, are not. As root. An image that the engine has is kept.
#
#   deploy/containers/base-images.sh IMAGE...
#   deploy/containers/base-images.sh --list      the images that the files name
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. deploy/versions.env
. deploy/containers/engine.sh
start_engine

readonly TOOLS=${TICKETSHOW_TOOLS:-$PWD/.local/bin} DEBIAN=debian:bookworm-slim TRUSTING=stand-in/trusting
readonly SYSTEM_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORK=$(mktemp -d "$PWD/.local/base-images.XXXXXX")
trap 'rm -rf --one-file-system "$WORK"' EXIT

debian() {
  command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends debootstrap >"$WORK/debootstrap.log"
  debootstrap --variant=minbase bookworm "$WORK/debian" >"$WORK/debootstrap.log" || { tail "$WORK/debootstrap.log"; return 1; }
  rm -rf "$WORK"/debian/var/cache/apt/archives/*.deb "$WORK"/debian/var/lib/apt/lists/*
  tar -C "$WORK/debian" --exclude ./proc/\* --exclude ./sys/\* -c . | docker import --change 'CMD ["bash"]' - "$1" >/dev/null
  rm -rf --one-file-system "$WORK/debian"
}

# build IMAGE FOLDER: with the Dockerfile on standard input, which may copy from FOLDER.
build() { DOCKER_BUILDKIT=0 docker build -q -t "$1" -f - "$2" >/dev/null 2>"$WORK/build.log" || { cat "$WORK/build.log"; return 1; }; }

# Debian, with the certificate authorities of this machine, which may be behind a proxy that inspects TLS.
trusting() {
  "$0" "$DEBIAN"
  mkdir -p "$WORK/trusting"
  cp -L /etc/ssl/certs/ca-certificates.crt "$WORK/trusting/"
  build "$TRUSTING" "$WORK/trusting" <<END
FROM $DEBIAN
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
END
}

# gather PROGRAM...: a folder with the shared libraries that programs of this machine are linked with.
gather() {
  rm -rf "$WORK/gathered"; mkdir -p "$WORK/gathered/lib"
  ldd "$@" 2>/dev/null | grep -oE '=> /[^ ]+' | cut -c4- | sort -u | xargs -I{} cp -L {} "$WORK/gathered/lib/"
}

rust() {
  build "$1" "$(rustc --print sysroot)" <<END
FROM $TRUSTING
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY bin /usr/local/rust/bin
COPY lib /usr/local/rust/lib
ENV CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:/usr/local/rust/bin:$SYSTEM_PATH
END
}

golang() {
  build "$1" "$(go env GOROOT)" <<END
FROM $TRUSTING
COPY . /usr/local/go
ENV GOPATH=/go GOTOOLCHAIN=local PATH=/go/bin:/usr/local/go/bin:$SYSTEM_PATH
END
}

node() {
  local program; program=$(readlink -f "$(type -P node)")
  gather "$program"
  cp "$program" "$WORK/gathered/node"
  cp -rL "$(npm root --global)/npm" "$WORK/gathered/npm"
  build "$1" "$WORK/gathered" <<END
FROM $TRUSTING
RUN useradd --uid 1000 --create-home node
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY lib /usr/local/lib
RUN ldconfig && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
END
}

nats() {
  mkdir -p "$WORK/nats"
  cp "$TOOLS/nats-server" "$WORK/nats/"
  build "$1" "$WORK/nats" <<END
FROM $TRUSTING
COPY nats-server /usr/local/bin/nats-server
ENTRYPOINT ["nats-server"]
END
}

caddy() {
  mkdir -p "$WORK/caddy"
  cp -L "$([ -x "$TOOLS/caddy" ] && echo "$TOOLS/caddy" || type -P caddy)" "$WORK/caddy/caddy"
  build "$1" "$WORK/caddy" <<END
FROM $TRUSTING
COPY caddy /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
END
}

postgres() {
  local folder version; folder=$(readlink -f "$TOOLS/pg")
  mkdir -p "$WORK/postgres"
  cp deploy/containers/postgres-entrypoint.sh "$WORK/postgres/"
  # Debian's own package if that is what `make up` uses; its major version is then Debian's.
  if [ "${folder#/usr/lib/postgresql/}" != "$folder" ]; then
    version=$(basename "$(dirname "$folder")")
    echo "RUN apt-get update && apt-get install -y --no-install-recommends postgresql-$version && rm -rf /var/lib/apt/lists/*" >"$WORK/install"
  else
    cp -r "$(dirname "$folder")" "$WORK/postgres/server"
    printf 'COPY server %s\n' "$(dirname "$folder")" >"$WORK/install"
  fi
  build "$1" "$WORK/postgres" <<END
FROM $TRUSTING
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres
$(cat "$WORK/install")
RUN rm -rf /var/lib/postgresql && install -d -o postgres -g postgres /var/lib/postgresql /var/run/postgresql
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PGDATA=/var/lib/postgresql/data/docker PATH=$folder:$SYSTEM_PATH
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
}

opensearch() {
  local folder java; folder=$(dirname "$(readlink -f "$TOOLS/opensearch")")
  java=$(grep -oE '"/[^"]+/bin/java"' "$folder/opensearch" | tr -d '"')
  gather "$java"
  cp -rL "$(dirname "$(dirname "$(readlink -f "$java")")")" "$WORK/gathered/java"
  cp -r "$folder/lib" "$WORK/gathered/node"
  cp deploy/opensearch/OpenSearchNode.java deploy/containers/opensearch-entrypoint.sh "$WORK/gathered/"
  build "$1" "$WORK/gathered" <<END
FROM $TRUSTING
RUN useradd --uid 1000 --home-dir /usr/share/opensearch --create-home opensearch && install -d -o opensearch /usr/share/opensearch/data
COPY java /usr/local/java
COPY node /usr/share/opensearch/lib
COPY OpenSearchNode.java /usr/share/opensearch/
COPY opensearch-entrypoint.sh /usr/local/bin/
USER opensearch
VOLUME /usr/share/opensearch/data
EXPOSE 9200
ENTRYPOINT ["opensearch-entrypoint.sh"]
END
}

# The images that the files name.
named() {
  echo "$DEBIAN"
  sed -n 's/^FROM \([a-z]*:[^ ]*\).*/\1/p' deploy/Dockerfile | sed "s/\${RUST_VERSION}/$RUST_VERSION/; s/\${NODE_VERSION}/$NODE_VERSION/"
  sed -n 's/^ *image: \([a-z/]*:[^ ]*\)$/\1/p' deploy/compose.yaml deploy/kubernetes/*.yaml
}

[ "${1:-}" = --list ] && { named | awk '!seen[$0]++'; exit; }
for image in "$@"; do
  docker image inspect "$image" >/dev/null 2>&1 && continue
  [ "$image" = "$DEBIAN" ] || docker image inspect "$TRUSTING" >/dev/null 2>&1 || trusting
  echo "making a stand-in for $image"
  # The function that has the name of the image.
  name=${image##*/}
  "${name%%:*}" "$image"
done
