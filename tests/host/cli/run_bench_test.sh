#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run-bench in a copy of the checkout's scripts, with programs of our own in front of the system's.
#   run_bench_test.sh <checkout> <case>
set -euo pipefail
checkout=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bench="$work/with blank/run-bench"
mkdir -p "$work/with blank/ci" "$work/bin" "$work/empty"
cp "$checkout/run-bench" "$work/with blank/"
cp "$checkout"/ci/{packages,packages.others,dependencies.sh} "$work/with blank/ci/"

# fake <program> <script>: puts it in front of the system's.
fake() {
  printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

fail() {
  echo "FAIL: $*"
  exit 1
}

# run <expected exit code> <argument>...: output in $out, both streams.
run() {
  local expected=$1 code=0
  shift
  out=$(PATH=$work/bin:$PATH "$bench" "$@" 2>&1) || code=$?
  [[ $code == "$expected" ]] || fail "exit code $code instead of $expected: $out"
}

has() { [[ $out == *"$1"* ]] || fail "'$1' is not in: $out"; }
has_not() { [[ $out != *"$1"* ]] || fail "'$1' is in: $out"; }
one_line() { [[ $out != *$'\n'* ]] || fail "more than one line: $out"; }

# shellcheck disable=SC2016  # the fakes' text is expanded when they run
# Every name that was asked for is installed.
everything_installed='for name; do [[ $name == -* || $name == *:* ]] || echo "ii :$name:"; done'

# A build directory that claims to be current, with a program that prints its arguments.
already_built() {
  local build="$1/build/release"
  mkdir -p "$build/bin"
  echo "CMAKE_HOME_DIRECTORY:INTERNAL=$1" >"$build/CMakeCache.txt"
  touch "$build/build.ninja"
  # shellcheck disable=SC2016  # as above
  printf '#!/bin/bash\necho "root=$PROBEBENCH_ROOT"; printf "<%%s>" "$@"\n' >"$build/bin/probebench"
  chmod +x "$build/bin/probebench"
  fake ninja 'echo "ninja: no work to do."'
}

case $2 in
  nothing_installed)
    fake dpkg-query 'exit 1'
    run 69 --no-install
    one_line
    has 'run as root: apt-get install --no-install-recommends g++ '
    has 'qemu-system-x86'
    has_not 'libgtest-dev'
    has_not '|'
    ;;
  one_package_missing)
    fake dpkg-query "$everything_installed | grep -v :qemu-system-x86:"
    run 69 --no-install --probe-type all
    one_line
    [[ $out == *'--no-install-recommends qemu-system-x86' ]] || fail "$out"
    ;;
  list_needs_no_emulator)
    fake dpkg-query "$everything_installed | grep -v :qemu-system-x86:"
    already_built "$work/with blank"
    run 0 --no-install list
    has '<list>'
    ;;
  either_name_will_do)
    fake dpkg-query "$everything_installed | grep -v :pkgconf:"
    already_built "$work/with blank"
    run 0 --no-install
    ;;
  ordinary_user_without_sudo)
    fake dpkg-query 'exit 1'
    fake sudo 'exit 1'
    chmod -R a+rX "$work"
    become=(env)
    ((EUID != 0)) || become=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    code=0
    out=$(PATH=$work/bin:$PATH "${become[@]}" "$bench" 2>&1 </dev/null) || code=$?
    [[ $code == 69 ]] || fail "exit code $code: $out"
    one_line
    has 'run as root: apt-get install'
    ;;
  not_debian)
    for program in bash readlink dirname; do ln -s "$(command -v $program)" "$work/empty/$program"; done
    code=0
    out=$(PATH=$work/empty "$bench" 2>&1) || code=$?
    [[ $code == 69 ]] || fail "exit code $code: $out"
    one_line
    has 'not a Debian system; it needs: g++'
    ;;
  other_distributions_have_their_own_words)
    for program in bash readlink dirname; do ln -s "$(command -v $program)" "$work/bin/$program"; done
    # asked <os-release> <program that asks> <packages that are there>
    asked() {
      printf '%b' "$1" >"$work/os-release"
      fake "$2" "[[ ' $3 ' == *\" \${!#} \"* ]]"
      code=0
      out=$(PROBEBENCH_OS_RELEASE=$work/os-release PATH=$work/bin "$bench" "${@:4}" 2>&1) || code=$?
      [[ $code == 69 ]] || fail "exit code $code: $out"
      one_line
    }
    asked 'ID=fedora\nVERSION_ID=42\n' rpm ''
    has 'run as root: dnf install gcc-c++ cmake ninja-build'
    has ' qemu-system-x86-core'
    asked 'ID=rocky\nID_LIKE="rhel centos fedora"\n' rpm 'gcc-c++ cmake'
    has 'dnf install ninja-build '
    asked 'ID=cachyos\nID_LIKE=arch\n' pacman ''
    has 'pacman -S --needed gcc cmake ninja pkgconf fmt nlohmann-json '
    asked 'ID=opensuse-tumbleweed\nID_LIKE="opensuse suse"\n' rpm ''
    has 'zypper install gcc-c++ '
    has ' nlohmann_json-devel '
    asked 'ID=alpine\n' apk '' report
    [[ $out == *'apk add py3-matplotlib py3-jinja2' ]] || fail "$out"
    asked 'ID=plan9\n' rpm ''
    has 'not a Debian system; it needs: g++'
    ;;
  other_distributions_build_with_what_is_there)
    for program in bash readlink dirname mkdir flock rm tail; do ln -s "$(command -v $program)" "$work/bin/$program"; done
    echo 'ID=fedora' >"$work/os-release"
    fake rpm 'exit 0'
    already_built "$work/with blank"
    ln -s "$(command -v grep)" "$work/bin/grep"
    out=$(PROBEBENCH_OS_RELEASE=$work/os-release PATH=$work/bin "$bench" list 2>&1) || fail "$out"
    has '<list>'
    ;;
  every_package_has_its_names_elsewhere)
    while read -r role entry; do
      [[ " build run report store serve " == *" $role "* ]] || continue
      read -ra row < <(awk -v name="${entry%%|*}" '$1 == name' "$checkout/ci/packages.others")
      [[ ${#row[@]} == 5 ]] || fail "$entry: ${row[*]}"
    done < <(grep -v '^#' "$checkout/ci/packages")
    ;;
  an_installed_one_builds_nothing)
    mkdir -p "$work/to/share" "$work/to/libexec/probebench" "$work/to/bin"
    mv "$work/with blank" "$work/to/share/probebench"
    ln -s ../share/probebench/run-bench "$work/to/bin/run-bench"
    # shellcheck disable=SC2016  # expanded when it runs
    printf '#!/bin/bash\necho "root=$PROBEBENCH_ROOT"; printf "<%%s>" "$@"\n' >"$work/to/libexec/probebench/probebench"
    chmod +x "$work/to/libexec/probebench/probebench"
    bench=$work/to/bin/run-bench
    fake dpkg-query "$everything_installed | grep -v -e :g++: -e :cmake:"
    run 0 --no-install --probe-type kmod
    has "root=$work/to/share/probebench"
    has '<--probe-type><kmod>'
    fake dpkg-query 'exit 1'
    run 0 --no-install list
    run 69 --no-install
    has 'qemu-system-x86'
    has_not 'g++'
    ;;
  arguments_pass_through)
    fake dpkg-query "$everything_installed"
    already_built "$work/with blank"
    run 0 --no-install --output 'a b' '' -- --benchmark_filter=x
    has "root=$work/with blank"
    has '<--output><a b><><--><--benchmark_filter=x>'
    has_not 'no-install'
    ;;
  report_needs_nothing_built)
    fake dpkg-query "$everything_installed | grep -v :g++:"
    mkdir "$work/with blank/reports"
    echo 'import sys; print(sys.argv[1:])' >"$work/with blank/reports/__main__.py"
    run 0 --no-install report 'a b' --output c
    has "['report', 'a b', '--output', 'c']"
    run 0 --no-install history
    fake dpkg-query "$everything_installed | grep -v :python3-matplotlib:"
    run 69 --no-install report
    one_line
    has 'install --no-install-recommends python3-matplotlib'
    fake dpkg-query "$everything_installed | grep -v -e :python3-sqlalchemy: -e :python3-flask:"
    run 0 --no-install report 'a b'
    for words in history 'report --store x' 'report --store=x'; do
      # shellcheck disable=SC2086
      run 69 --no-install $words
      has 'install --no-install-recommends python3-sqlalchemy'
    done
    run 69 --no-install serve
    has 'install --no-install-recommends python3-sqlalchemy python3-flask'
    ;;
  sweep_is_told_where_the_program_is)
    fake dpkg-query "$everything_installed"
    already_built "$work/with blank"
    mkdir "$work/with blank/reports"
    echo 'import os, sys; print(sys.argv[1:], os.environ.get("PROBEBENCH_PROGRAM"))' >"$work/with blank/reports/__main__.py"
    run 0 --no-install sweep lab.toml
    has "['sweep', 'lab.toml'] $work/with blank/build/release/bin/probebench"
    fake dpkg-query "$everything_installed | grep -v :python3-sqlalchemy:"
    run 69 --no-install sweep lab.toml
    one_line
    has 'install --no-install-recommends python3-sqlalchemy'
    fake dpkg-query 'exit 1'
    run 0 --no-install sweep --help
    has "['sweep', '--help'] None"
    ;;
  a_run_goes_on_without_report_packages)
    fake dpkg-query "$everything_installed | grep -v :python3-matplotlib:"
    fake apt-get 'exit 100'
    fake apt-cache 'exit 0'
    fake sudo 'exit 1'
    already_built "$work/with blank"
    run 0 --handler nop
    has 'the run goes on, and ends without a report'
    has '<--handler><nop>'
    for arguments in '--no-install' '--quiet' '--probe-type kprobe' '--probe-type=kprobe' 'gate --probe-type all' list; do
      # shellcheck disable=SC2086  # they are words
      run 0 $arguments
      has_not 'report'
    done
    ;;
  packages_of_the_run_are_installed_beside_the_build)
    built=$work/'with blank/build/release/bin'
    fake dpkg-query "$everything_installed | { [[ -e '$work/installed' ]] && cat || grep -v :qemu-system-x86:; }"
    fake apt-cache 'exit 0'
    # shellcheck disable=SC2016  # expanded when it runs
    fake sudo '[[ $1 != -n ]] || shift; exec "$@"'
    fake apt-get "touch '$work/begun'; until [[ -e '$work/configured' ]]; do sleep 0.05; done; touch '$work/installed'"
    fake cmake "until [[ -e '$work/begun' ]]; do sleep 0.05; done; touch '$work/configured'"
    fake ninja "mkdir -p '$built'; printf '#!/bin/bash\nls $work' >'$built/probebench'; chmod +x '$built/probebench'"
    out=$(PATH=$work/bin:$PATH timeout 60 "$bench" --probe-type kmod 2>&1) || fail "exit code $?: $out"
    has 'installing qemu-system-x86'
    has 'installed'
    rm -r "${work:?}"/{begun,configured,installed,'with blank/build'}
    fake apt-get "touch '$work/begun'; echo 'E: none such' && exit 100"
    run 69 --probe-type kmod
    has 'E: none such'
    ;;
  an_empty_proc_is_named)
    hide='mount -t tmpfs none /proc && exec "$@"'
    namespace=(unshare --mount sh -c "$hide" sh)
    ((EUID == 0)) || namespace=(unshare --user --map-root-user --mount sh -c "$hide" sh)
    "${namespace[@]}" true 2>/dev/null || { echo "no namespace of mounts to be had here" && exit 0; }
    code=0
    out=$("${namespace[@]}" "$bench" list 2>&1) || code=$?
    [[ $code == 69 ]] || fail "exit code $code: $out"
    one_line
    has 'mount -t proc proc /proc'
    ;;
  a_home_that_is_not_there_is_not_made)
    fake dpkg-query "$everything_installed"
    fake cmake 'exit 1'
    chmod -R a+rX "$work"
    chmod a-w "$work/with blank"
    become=(env)
    ((EUID != 0)) || become=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    code=0
    out=$(PATH=$work/bin:$PATH HOME=$work/nowhere XDG_CACHE_HOME='' "${become[@]}" "$bench" list 2>&1) || code=$?
    [[ $code == 69 && ! -e $work/nowhere ]] || fail "exit code $code: $out"
    one_line
    has "HOME=$work/nowhere is no directory; set XDG_CACHE_HOME"
    ;;
  through_a_link_from_elsewhere)
    fake dpkg-query "$everything_installed"
    already_built "$work/with blank"
    ln -s "$bench" "$work/link"
    bench=$work/link
    cd /
    run 0 list
    has "root=$work/with blank"
    ;;
  a_failed_build_shows_the_log)
    fake dpkg-query "$everything_installed"
    fake cmake 'echo "CMake Error: broken"; exit 1'
    run 1
    has 'CMake Error: broken'
    has 'the build failed; the whole log is'
    ;;
  a_moved_build_is_made_anew)
    fake dpkg-query "$everything_installed"
    already_built "$work/with blank"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere" >"$work/with blank/build/release/CMakeCache.txt"
    fake cmake 'echo configured; exit 1'
    run 1
    has configured
    ;;
  *)
    fail "no such case: $2"
    ;;
esac
