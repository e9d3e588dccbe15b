#!/usr/bin/env bash
# What ./bench compares Eclusier with: a deployment loop of a shell script under systemd, as KoproGo's page "GitOps Auto-Update" (October 2025)
# documents theirs, step by step and with its weaknesses. Written for this comparison from what that page says. Not a part of Eclusier.
#
#   gitops-loop.sh       run in the clone, whose branch main it follows, for ever; systemd's Restart=always is the loop at the end
#
# From the environment, with the page's values where nothing is given:
#
#   INTERVAL=180         seconds between two looks, and after a failure (the unit's RestartSec)
#   DIRECTORY=deploy/production
#                        where the Compose files are
#   HEALTH_URL           must answer 200 after an update
#   ATTEMPTS=10 PAUSE=10 how often it is asked, and the seconds after each time that it did not
#   OWNER=koprogo:koprogo
#                        gets .git back after each update
set -u

readonly interval=${INTERVAL:-180} directory=${DIRECTORY:-deploy/production} health_url=${HEALTH_URL:?}
readonly attempts=${ATTEMPTS:-10} pause=${PAUSE:-10} owner=${OWNER:-koprogo:koprogo}

is_healthy() {
    local attempt
    for ((attempt = 0; attempt < attempts; attempt++)); do
        [ "$(curl -s -o /dev/null -w '%{http_code}' -k "$health_url")" != 200 ] || return 0
        sleep "$pause"
    done
    return 1
}

update() {
    local top=$PWD
    git pull --quiet origin main || { echo "git pull failed"; exit 1; }
    cd "$directory" || exit 1
    docker compose pull
    docker compose up -d --pull always
    if is_healthy; then
        chown -R "$owner" "$top/.git"
        echo "updated"
        exit 0
    fi

    git reset --quiet --hard HEAD^
    docker compose up -d --force-recreate
    if is_healthy; then echo "rolled back"; else echo "still not healthy"; fi
    exit 1
}

while true; do
    echo "Checking for updates"
    git fetch --quiet origin main
    here=$(git rev-parse HEAD)
    there=$(git rev-parse origin/main)
    if [ "$here" != "$there" ]; then
        echo "new commit $there"
        (update)
    fi
    sleep "$interval"
done
