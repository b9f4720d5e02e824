#!/bin/sh
# Secrets lie in files that this container alone is given; the program reads its environment. An empty file sets nothing.
set -eu
for file in "${SECRETS_DIR:-/run/secrets}"/QUIETLINE_*; do
  [ -s "$file" ] && export "${file##*/}=$(cat "$file")"
done
exec "$@"
