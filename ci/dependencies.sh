# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by run-bench and ci/test, with the project's directory in $root: makes sure that the packages of
# ci/packages are installed.

# What every message begins with.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die_unavailable <message>: exit code 69, as sysexits.h has it for a missing dependency.
die_unavailable() {
  say "$@"
  exit 69
}

# wanted_packages <role>...: the entries of ci/packages with one of these roles.
wanted_packages() {
  local role entry
  while read -r role entry; do
    [[ " $* " != *" $role "* ]] || printf '%s\n' "$entry"
  done <"${root:?}/ci/packages"
}

# missing_packages <entry>...: the entries of which no alternative is installed; one dpkg-query call for all.
missing_packages() {
  local entry name installed names
  IFS=' |' read -ra names <<<"$*"
  # Its exit code says only that some name is unknown, which is what we want to learn from its output.
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}:${Package}:\n' "${names[@]}" 2>/dev/null) || :
  for entry in "$@"; do
    for name in ${entry//|/ }; do
      [[ $installed != *"ii :$name:"* ]] || continue 2
    done
    printf '%s\n' "$entry"
  done
}

# installable_names <entry>...: of each entry the first alternative that apt knows, else the first.
installable_names() {
  local entry name chosen
  for entry in "$@"; do
    chosen=${entry%%|*}
    if [[ $entry == *'|'* ]]; then
      for name in ${entry//|/ }; do
        [[ $(apt-cache policy "$name" 2>/dev/null) != *'Candidate: '[0-9]* ]] || { chosen=$name && break; }
      done
    fi
    printf '%s ' "$chosen"
  done
}

is_root_without_asking() { ((EUID == 0)) || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# The command that gives us root, in the array `as_root`; fails when there is none.
find_root() {
  if is_root_without_asking; then
    as_root=(env)
    ((EUID == 0)) || as_root=(sudo -n env)
  elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
    as_root=(sudo env)
  else
    return 1
  fi
}

apt_get() {
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 </dev/null
}

# install_packages <entry>...: package lists that are absent or too old make the first attempt fail.
install_packages() {
  local log names
  log=$(mktemp)
  read -ra names <<<"$(installable_names "$@")"
  say "installing ${names[*]}"
  if ! apt_get install --no-install-recommends "${names[@]}"; then
    say "fetching newer package lists"
    apt_get update || :  # one source of several may fail: what counts is whether the packages install
    read -ra names <<<"$(installable_names "$@")"
    if ! apt_get install --no-install-recommends "${names[@]}"; then
      grep -E '^E: ' "$log" | tail -n 3 >&2
      die_unavailable "the packages did not install (log: $log); try: apt-get install ${names[*]}"
    fi
  fi
  rm -f "$log"
}

# Distributions without dpkg: the column of ci/packages.others, what installs, and what asks for one package.
distribution_here() {
  local ID='' ID_LIKE='' word
  # shellcheck source=/dev/null
  source "${PROBEBENCH_OS_RELEASE:-/etc/os-release}" 2>/dev/null || return 1
  for word in $ID $ID_LIKE; do
    case $word in
      fedora | rhel | centos) column=1 installs='dnf install' asks=(rpm -q --whatprovides) ;;
      arch | archlinux) column=2 installs='pacman -S --needed' asks=(pacman -Q) ;;
      opensuse* | suse | sles) column=3 installs='zypper install' asks=(rpm -q --whatprovides) ;;
      alpine) column=4 installs='apk add' asks=(apk info -e) ;;
      *) continue ;;
    esac
    return 0
  done
  return 1
}

# names_here <entry>...: the packages of these entries as they are called in this distribution.
names_here() {
  local entry row
  for entry in "$@"; do
    while read -ra row; do
      [[ ${row[0]-} != "${entry%%|*}" || ${row[$column]} == - ]] || printf '%s\n' "${row[$column]}"
    done <"${root:?}/ci/packages.others"
  done
}

# ensure_elsewhere <entry>...: nothing is installed, but what is missing is named in the distribution's words.
ensure_elsewhere() {
  local column installs asks=() name missing=()
  distribution_here || die_unavailable "this is not a Debian system; it needs: $*"
  for name in $(names_here "$@"); do
    "${asks[@]}" "$name" >/dev/null 2>&1 || missing+=("$name")
  done
  ((${#missing[@]} == 0)) || die_unavailable "packages are missing; run as root: $installs ${missing[*]}"
}

# ensure_packages <yes|no, whether to install> <role>...
ensure_packages() {
  local install=$1 as_root=() missing=() wanted=()
  shift
  mapfile -t wanted < <(wanted_packages "$@")
  command -v dpkg-query >/dev/null || {
    ensure_elsewhere "${wanted[@]}"
    return
  }
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]})) || return 0
  local line
  line="apt-get install --no-install-recommends $(installable_names "${missing[@]}")"
  [[ $install == yes ]] || die_unavailable "packages are missing; run as root: ${line% }"
  find_root || die_unavailable "packages are missing and this user may not install them; run as root: ${line% }"
  install_packages "${missing[@]}"
}
