#!/bin/sh
# Rewrites the two lock files from pyproject.toml; they hold names, versions and hashes only.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1
    shift
    uv pip compile pyproject.toml "$@" --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --quiet -o "$out"
}
lock requirements.lock
lock requirements-dev.lock --group dev
