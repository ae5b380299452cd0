# Brings a browser for the end-to-end tests. Sourced after common.sh.
# shellcheck shell=bash

has_browser() {
  local program
  for program in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$program" >/dev/null && return
  done
  return 1
}

ensure_browser() { has_browser || { apt_install chromium fonts-liberation && has_browser; }; }
