# Shared by the scripts: messages, versions, places. Sourced from the repository's root.
# shellcheck shell=bash

NEWEST_HA=2026.11.0
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/axis-recordings"

say() { printf '\033[1;36m▸\033[0m %s\n' "$*" >&2; }
fail() {
  printf '\033[1;31m✗\033[0m %s\n' "$*" >&2
  exit 1
}

tested_versions() {
  local file
  for file in requirements/20*.txt; do basename "$file" .txt; done | paste -sd' '
}

venv_of() {
  if [[ "$1" == "$NEWEST_HA" ]]; then echo ".venv"; else echo ".venv-$1"; fi
}

compiler() { command -v g++ >/dev/null || apt_install g++; }

# Installs Debian packages where that is possible: as root, or with a password-less sudo.
apt_install() {
  command -v apt-get >/dev/null || return 1
  local as_root=()
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  say "Installing $* with apt-get"
  { "${as_root[@]}" apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qq -y --no-install-recommends "$@"; } >/dev/null
}
