#!/usr/bin/env bash
# Builds ../static/age.js again, with its licences and its pin (age.toml). Needs Node 20 or newer, npm and the network;
# package-lock.json pins every package by its hash. The same packages give the same bytes. Nothing of it is needed to
# run or test the service.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp "$here"/*.js "$here"/package*.json "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
packages="age-encryption @noble/ciphers @noble/curves @noble/hashes @scure/base"

version_of() { node -p "require('./node_modules/$1/package.json').version"; }

node_modules/.bin/esbuild age.js --bundle --format=iife --global-name=age --target=es2020 --minify --charset=utf8 \
  --legal-comments=none --log-level=warning --outfile=out.js \
  --inject:./surroundings.js --define:Object.hasOwn=hasOwn \
  --alias:@noble/post-quantum/hybrid.js=./left_out.js \
  --alias:@noble/curves/nist.js=./left_out.js \
  --alias:@noble/hashes/scrypt.js=./left_out.js
{
  echo "/* age-encryption $(version_of age-encryption) by Filippo Valsorda (BSD-3-Clause), with noble and scure by Paul Miller (MIT)."
  echo "   Licences: age.licences.txt. Built by bot/web/vendor/build.sh; do not edit. */"
  cat out.js
} > "$here/../static/age.js"
for package in $packages; do
  printf '%s %s\n\n%s\n\n\n' "$package" "$(version_of "$package")" "$(cat "node_modules/$package/LICENSE")"
done > "$here/../static/age.licences.txt"
{
  echo "# What ../static/age.js is. The page lets it run only with this hash. Written by build.sh."
  echo "sha256 = \"$(sha256sum "$here/../static/age.js" | cut -d' ' -f1)\""
  echo
  echo "[versions]"
  for package in $packages; do echo "\"$package\" = \"$(version_of "$package")\""; done
} > "$here/age.toml"
