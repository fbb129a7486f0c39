#!/bin/sh
# Installs the Debian packages of a list that are missing; asks for nothing when all are there.
set -eu
missing=""
for name in $(sed 's/#.*//' "$1"); do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -q '^installed$' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
echo "installing system packages:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -o DPkg::Lock::Timeout=300 update -qq
# shellcheck disable=SC2086  # the list is split on purpose
$sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing >/dev/null
