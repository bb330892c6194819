#!/usr/bin/env bash
# A new machine: a Debian that has Node, npm and nothing else, in which the last commit is installed and run. Root makes it
# with debootstrap; elsewhere the same runs under an empty home and a PATH that has Node and a shell alone.
#
#     scripts/new-machine.sh [options] [COMMAND]      by default the two commands of the README
#
#     --as root         nothing is set but HOME and PATH (the default)
#     --as user         a user without a name, whose home cannot be written: spaces and accents in the paths, a folder for
#                       temporary files that runs no programs, LANG=C, another time zone, umask 077
#     --as reader       a user to whom nothing in the repository belongs: root installed it
#     --node VERSION    of the package node-linux-<processor>; by default the oldest that package.json takes
#     --suite NAME      Debian's release; stable by default
#     --packages NAMES  packages of Debian besides, as in "chromium procps"
#     --root FOLDER     where the machine is made, and used again; by default a temporary folder
#     --bare            without a Debian of its own, although it could be had
#
# The registry, its certificates and the proxies are those of the machine that this runs on.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$here/scripts/new-machine.sh" >&2 && exit 2; }

as=root suite=stable packages="" root="" kind=debian
version=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' "$here/package.json")
[[ $version == *.*.* ]] || version=$version.0
all=("$@")
while [[ ${1:-} == --* ]]; do
  case "$1" in
    --bare) kind=bare && shift && continue ;;
    --as) as=${2:?} ;;
    --node) version=${2:?} ;;
    --suite) suite=${2:?} ;;
    --packages) packages=${2:?} ;;
    --root) root=$(realpath -m "${2:?}") ;;
    *) usage ;;
  esac
  shift 2
done
command=${1:-"npm ci && npm start && npm test"}

lacking=""
if [[ $(id -u) != 0 ]]; then
  lacking="this is not root"
elif ! command -v debootstrap > /dev/null; then
  lacking="debootstrap is missing (apt-get install debootstrap)"
elif ! unshare --mount --pid --fork true 2> /dev/null; then
  lacking="nothing can be mounted here"
fi
if [[ $kind == debian && -n $lacking ]]; then
  echo "No Debian of its own, as $lacking: an empty home and PATH instead." && kind=bare
fi
# Mounts and processes of its own: both end with this script.
if [[ $kind == debian && -z ${NEW_MACHINE:-} ]]; then
  NEW_MACHINE=1 exec unshare --mount --pid --fork --kill-child "$BASH" "$0" "${all[@]}"
fi

work=$(mktemp -d)
leave() {
  for mounted in dev/shm dev proc tmp/noexec; do umount "$root/$mounted" 2> /dev/null || true; done
  rm -rf --one-file-system "$work"
}
trap leave EXIT
root=${root:-$work/root}
# Folders are emptied and mounted over in there: never in one that is not a machine of this script's making.
mark=$root/etc/made-by-new-machine
if [[ -n $(ls -A "$root" 2> /dev/null) && ! -e $mark ]]; then
  echo "$root holds other things. Give --root a new folder, or one that this script has made." >&2 && exit 2
fi

# How the machine's folders are called: by us, and by what runs there.
case "$as" in
  root) user=0 home=/root folder=/root/alignreg temporary=/tmp ;;
  user) user=4242 home=/home/nobody folder="/home/Zoë Šimić/my alignreg" temporary="/tmp/noexec/a space" ;;
  reader) user=4242 home=/home/reader folder=/opt/alignreg temporary=/tmp ;;
  *) usage ;;
esac

debian() {
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 dev "$root/dev"
  for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev/$device"; done
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir -p "$root/dev/shm" "$root/tmp/noexec"
  mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
  [[ $as != user ]] || mount -t tmpfs -o mode=1777,noexec tmp "$root/tmp/noexec"
  [[ -z $packages ]] || quietly chroot "$root" sh -c "apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages"
}

# Once more where the network failed.
bootstrapped() { [[ -e $root/etc/debian_version ]] || bootstrap || bootstrap; }
bootstrap() {
  rm -rf "$root" && quietly debootstrap --variant=minbase --include=ca-certificates "$suite" "$root"
}

# Prints what a command says only when it fails.
quietly() { "$@" > "$work/said" 2>&1 || { tail -n 20 "$work/said" >&2 && return 1; }; }

# A shell, and what npm starts scripts with.
bare() {
  mkdir -p "$root/bin"
  for program in sh env; do ln -sf "$(command -v "$program")" "$root/bin/$program"; done
}

unpack() { # a package of the registry into a folder
  rm -rf "$2" && mkdir -p "$2"
  (cd "$work" && tar -xzf "$(npm pack --silent "$1")" -C "$2" --strip-components 1)
}

# Node's package is the program alone.
node_and_npm() {
  local to=$root/usr/local
  unpack "node-linux-$(node -p process.arch)@$version" "$work/node"
  unpack npm@10 "$to/lib/node_modules/npm"
  mkdir -p "$to/bin" && cp "$work/node/bin/node" "$to/bin/node"
  for name in npm npx; do ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$to/bin/$name"; done
}

# Where packages come from, as this machine is told.
network() {
  echo "npm_config_registry=$(cd / && npm config get registry)"
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [[ -z ${!name:-} ]] || echo "$name=${!name}"
  done
  local certificates
  certificates=$(cd / && npm config get cafile)
  if [[ -f $certificates ]]; then
    cp -L "$certificates" "$root/etc/registry.crt"
    echo "npm_config_cafile=$seen/etc/registry.crt"
  fi
}

run() { # a user, a command
  local settings=(PATH="$seen/usr/local/bin:$seen/usr/bin:$seen/bin" HOME="$seen$home" "${told[@]}")
  [[ $temporary == /tmp ]] && [[ $kind == debian ]] || settings+=(TMPDIR="$seen$temporary")
  [[ $as != user ]] || settings+=(LANG=C LC_ALL=C TZ=Pacific/Kiritimati npm_config_cache="$seen$temporary/npm")
  for name in CI TEST_TOOLS; do [[ -z ${!name:-} ]] || settings+=("$name=${!name}"); done
  local enter=() mask=022
  [[ $kind != debian ]] || enter=(chroot --userspec="$1:$1" "$root")
  [[ $as != user ]] || mask=077
  "${enter[@]}" "$(command -v env)" -i "${settings[@]}" sh -c "umask $mask; cd \"\$0\"; $2" "$seen$folder"
}

if [[ $kind == debian ]] && ! bootstrapped; then
  lacking="its packages cannot be fetched"
  echo "No Debian of its own, as $lacking: an empty home and PATH instead." && kind=bare
  rm -rf "$root" && mkdir -p "$root"
fi
[[ $kind != bare || $as != reader ]] || { echo "--as reader takes a Debian of its own: $lacking." >&2 && exit 2; }
seen=$([[ $kind == debian ]] || echo "$root")

"$kind"
mkdir -p "$root/etc" && touch "$mark"
node_and_npm
mapfile -t told < <(network)
rm -rf "$root$folder"
mkdir -p "$root$home" "$root$folder" "$root$temporary"
# A checkout may be another user's.
ours() { git -c safe.directory='*' -C "$here" "$@"; }
ours archive HEAD | tar -x -C "$root$folder"
[[ -z $(ours status --porcelain) ]] || echo "What is not committed is left out."
case "$as" in
  user)
    [[ $kind != debian ]] || chown -R "$user:$user" "$root$folder" "$root$temporary"
    chmod 555 "$root$home"
    ;;
  reader) chown "$user:$user" "$root$home"; run 0 "npm ci" ;;
esac
echo "A new machine: $([[ $kind == debian ]] && echo "Debian $(cat "$root/etc/debian_version")" || echo "this one's libraries"), Node $(run "$user" "node --version"), as $as."
run "$user" "$command"
