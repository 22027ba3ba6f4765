#!/bin/sh
# SPDX-License-Identifier: MIT
# What `--target ssh:` runs on the other machine. Standard input: this text, an archive, then a line now and then for as
# long as somebody listens. Standard output: lines that begin with #, then the agent's records. Nothing stays here:
# what is not ours to wait for (make) ends when nobody reads what we say any more, the agent when nothing is sent.
set -u
archive_bytes=$1 load_module=$2 tell_secrets=$3 patience_s=$4  # the second and the third: yes or no
cpus=${5:-}
# Not ignored, or the programs that are started would ignore them, too.
trap : HUP INT PIPE TERM
place=
trap 'cd / && [ -n "$place" ] && rm -rf "$place"' EXIT

fail() {
  echo "$*" >&2
  exit 3
}

# Where programs may run: /tmp is mounted noexec on some machines.
find_place() {
  for where in "${TMPDIR:-/tmp}" /var/tmp "${HOME:-/root}"; do
    place=$(mktemp -d "$where/probebench.XXXXXX" 2>/dev/null) || continue
    printf '#!/bin/sh\n' >"$place/try" && chmod 700 "$place/try" && "$place/try" 2>/dev/null && return
    rm -rf "$place"
    place=
  done
  fail "no directory that programs can be started from: tried ${TMPDIR:-/tmp}, /var/tmp, ${HOME:-/root}"
}

say_secrets() {
  echo "#host $(uname -n)"
  echo "#cmdline $(cat /proc/cmdline)"
  grep -i ' [tw] ' /proc/kallsyms | grep -v '^0000000000000000' | sed 's/^/#symbol /'
}

make_module() {
  make -C "$build" -j"$(getconf _NPROCESSORS_ONLN || echo 1)" M="$place/kmod" "$@" modules >"$place/make.log" 2>&1 &
  making=$!
  while kill -0 "$making" 2>/dev/null; do
    echo "#step building the kernel module for $release" || kill "$making"
    sleep 1
  done
  wait "$making"
}

# Sets module, or why and needs.
build_module() {
  set --
  if ! [ -e "$build/Makefile" ]; then
    why="build the helper module: no headers for $release are installed"
    needs="the package linux-headers-$release (Debian, Ubuntu) or kernel-devel-$release (Fedora)"
    return
  fi
  for program in make gcc; do
    command -v "$program" >/dev/null && continue
    why="build the helper module: $program is not installed there"
    needs="the packages make and gcc"
    return
  done
  grep -qs '^CONFIG_CC_IS_CLANG=y' "$build/.config" && set -- LLVM=1
  # Older headers come without it; the module has no BTF ids to resolve.
  [ -e "$build/tools/bpf/resolve_btfids/resolve_btfids" ] || set -- "$@" RESOLVE_BTFIDS=true
  command -v pahole >/dev/null || set -- "$@" CONFIG_DEBUG_INFO_BTF_MODULES=
  if make_module "$@" || make_module "$@" CONFIG_DEBUG_INFO_BTF_MODULES=; then
    module="$place/kmod/probebench.ko"
    # Headers before 6.12 come without the kernel's BTF, too. pahole would have llvm-objcopy write it.
    [ -e "$build/vmlinux" ] ||
      LLVM_OBJCOPY=objcopy pahole -J --btf_base /sys/kernel/btf/vmlinux "$module" 2>/dev/null ||
      echo "#note the helper module has no BTF: pahole made none"
    strip --strip-debug "$module" 2>/dev/null
    return
  fi
  why="build the helper module for $release: $(grep -m 1 -e 'error:' -e '\*\*\*' "$place/make.log")"
  needs="headers that a module can be built with"
}

run_agent() {
  LD_LIBRARY_PATH="$place/lib" ./probebench-agent "$@"
}

measure() {
  [ -z "$cpus" ] || set -- "$@" --cpus "$cpus"
  run_agent --plan plan.json "$@" --lifeline "$patience_s"
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "it is a $(uname -sm) machine, and the agent is for Linux x86_64"
for program in mktemp head tar grep sed; do
  command -v "$program" >/dev/null || fail "$program is not installed there"
done
echo "#step copying to $(uname -n)"
find_place
cd "$place" || exit 3
head -c "$archive_bytes" | tar -xf - || fail "unpack what was copied to $place"
run_agent --clean-up | sed 's/^/#note put back what a killed run left: tracefs /'
[ "$tell_secrets" = no ] || say_secrets

release=$(uname -r)
build=/lib/modules/$release/build
module=
why="the helper module is not loaded, and may not be"
needs="--load-module, as root"
if [ -e /sys/module/probebench ]; then
  echo "#note probebench.ko is loaded already: it is used, and stays"
elif [ "$load_module" = yes ]; then
  build_module
fi
echo "#step measuring Linux $release"
if [ -z "$module" ]; then
  measure --no-module "$why" "$needs"
  exit
fi
echo "#note probebench.ko is loaded into Linux $release until the run is over; the kernel stays tainted until it boots again"
measure --module "$module"
code=$?
# The agent's keeper takes it out, also when the agent was killed.
tries=0
while [ -e /sys/module/probebench ] && [ "$tries" -lt 30 ]; do
  sleep 1
  tries=$((tries + 1))
done
exit "$code"
