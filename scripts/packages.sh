#!/usr/bin/env bash
# The Debian packages that tests use: a builder of images, a registry to push to, and jq, which the workflows' filters are
# run by. Asks for nothing when they are there.
set -euo pipefail
packages=(buildah docker-registry jq)

missing=()
for package in "${packages[@]}"; do
  command -v "$package" >/dev/null || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo --non-interactive)
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >&2; }
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
  echo "${missing[*]} cannot be installed: install them by hand (Debian and Ubuntu: apt-get install ${missing[*]})" >&2
  exit 1
fi
