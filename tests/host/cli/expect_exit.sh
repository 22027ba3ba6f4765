#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# expect_exit.sh <exit code> <text> <command>...: the command exits so, its output holds the text, and an error
# is one line. Runs in an empty directory with an empty cache.
set -euo pipefail
expected=$1 text=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME=$work/cache
[[ ${EXPECT_EXIT_CACHE:-} != none ]] || unset XDG_CACHE_HOME
code=0
"$@" >out 2>err || code=$?
cat out err
[[ $code == "$expected" ]] || { echo "FAIL: exit code $code instead of $expected" && exit 1; }
[[ $(cat out err) == *"$text"* ]] || { echo "FAIL: '$text' is not in the output" && exit 1; }
[[ $expected == 0 || $(wc -l <err) == 1 ]] || { echo "FAIL: the error is not one line" && exit 1; }
