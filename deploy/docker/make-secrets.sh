#!/bin/sh
# Makes the files that compose.yaml hands out, once, in a folder that only root opens; never writes over one.
# Usage: deploy/docker/make-secrets.sh [FOLDER]
# Keep a copy of QUIETLINE_DATA_KEY in another place: without it no backup can be read.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 0700 "$folder"

# The folder is closed, so the files may be open: each container's own user reads the ones it is given.
keep() {
  [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
  chmod 0444 "$folder/$1"
}
random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }

keep POSTGRES_PASSWORD "$(random 24 | tr '+/' '-_')"
keep QUIETLINE_DATABASE_URL "postgresql+psycopg://quietline:$(cat "$folder/POSTGRES_PASSWORD")@postgres:5432/quietline"
keep QUIETLINE_DATA_KEY "$(random 32)"
keep QUIETLINE_HOTLINE_SECRET "whsec_$(random 32)"
keep QUIETLINE_TELEGRAM_TOKEN ""
