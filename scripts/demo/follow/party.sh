#!/bin/sh
# party.sh <parties> <name> <command...>: runs a command with only one party's folder left in the folder of all; in a mount namespace of
# its own (`unshare -m`), with a folder /run/own.
set -e
parties="$1"
name="$2"
shift 2
mount --bind "$parties/$name" /run/own
mount -t tmpfs tmpfs "$parties"
mkdir "$parties/$name"
mount --move /run/own "$parties/$name"
cd "$parties/$name"
exec "$@"
