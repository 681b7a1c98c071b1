#!/bin/sh
# OpenSearch from Maven Central, with the settings that compose.yaml gives to the published image.
# shellcheck disable=SC2086 # Options are several words.
exec /usr/local/java/bin/java ${OPENSEARCH_JAVA_OPTS:--Xms512m -Xmx512m} -Dopensearch.host=0.0.0.0 -Djna.tmpdir=/tmp \
  --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -cp "/usr/share/opensearch/lib/*" /usr/share/opensearch/OpenSearchNode.java /usr/share/opensearch/data 9200 9300
