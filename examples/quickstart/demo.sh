#!/bin/sh
# The whole loop in made-up vendors, in a copy of this example: plan, apply, drift, restored, an alert that arrives.
# Needs `reconciler` on the PATH; stops at the first thing that is not as told.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../.." && pwd)
copy=$clone/.demo/quickstart

say() {
    printf '\n── %s\n' "$1"
}

# step CODE COMMAND: shows the command, runs it, and insists on the exit code.
step() {
    printf '\n$ %s\n' "$2"
    code=0
    eval "$2" || code=$?
    if [ "$code" -ne "$1" ]; then
        printf '\nThe demo stops: exit code %s, not %s, of: %s\n' "$code" "$1" "$2" >&2
        exit 1
    fi
}

rm -rf "$clone/.demo"
mkdir -p "$copy"
cp "$here"/*.yaml "$copy"
cd "$copy"

say 'Five objects in Opsgenie, two in Wallarm, written down and not yet made (exit code 2: there is something to do).'
step 2 'reconciler --sandbox plan --detailed-exitcode'

say 'Make them, in the right order: the key that Opsgenie shows once ends up in Wallarm.'
step 0 'reconciler --sandbox apply --yes'

say 'Nothing is left to do (exit code 0).'
step 0 'reconciler --sandbox plan --detailed-exitcode'

say 'Somebody takes bob out of the rotation, in the UI of Opsgenie.'
step 0 'reconciler sandbox edit opsgenie schedules/payments-oncall '\''{"rotations": [{"name": "weekly",
    "type": "weekly", "startDate": "2026-01-05T09:00:00Z", "participants": [{"type": "user", "username": "ann@example.com"}]}]}'\'

say 'The next plan finds it, and that it was not Git that changed.'
step 2 'reconciler --sandbox plan --detailed-exitcode'

say 'What Git says is restored.'
step 0 'reconciler --sandbox apply --yes'
step 0 'reconciler --sandbox plan --detailed-exitcode'

say 'Wallarm sees two incidents at a server within one second. Its trigger tells Opsgenie, with the key from above.'
step 0 'reconciler sandbox incident count=2 within=1 target=server'

say 'What arrived there: an alert with the ten fields of the notification, assigned to the team that owns the integration.'
step 0 "reconciler sandbox get opsgenie '/v2/alerts/1?identifierType=tiny'"

say 'That was the demo. To go on by hand, in the same made-up world:'
printf '\n    export PATH="%s:$PATH"\n    cd %s\n' "$(dirname "$(command -v reconciler)")" "$copy"
printf '    reconciler --sandbox plan\n\nEdit opsgenie.yaml, plan again; README.md tells the rest.\n'
