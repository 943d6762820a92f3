#!/usr/bin/env bash
# Installs what is missing, builds, and trains the CIFAR-10 example: on a GPU where the build and
# the machine have one, else on the CPU.
#   tools/train.sh [ARGUMENT]...    the arguments go to the trainer (tools/train.sh --help)
# CUTTLE_TRAINER=cifar10_cuda_style takes the other of the two short programs, cifar10_train the full one.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

trainer=${CUTTLE_TRAINER:-cifar10_to_device}
started_in=$PWD
case " $* " in
  *" --help "* | *" -h "*) usage && say "The trainer is built first, which knows its options." ;;
esac
"$root/tools/setup.sh" || exit 1
"$root/tools/build.sh" "$trainer" cuttle_program || exit 1

step "looking for what does not fit together"
findings=$("$root/build/auto/bin/cuttle" doctor) || true  # problems do not keep it from training on the CPU
if [[ $findings == *"Everything fits together"* ]]; then
  say "nothing; build/auto/bin/cuttle doctor tells more"
else
  say "$findings"
fi

step "training with $trainer" "read the trainer's message above; 'tools/train.sh --help' lists its options"
program=$(find "$root/build/auto/examples" -name "$trainer" -type f -perm -u+x | head -n 1)
if [ -z "$program" ]; then die "the build made no program named $trainer"; fi
cd "$started_in"
"$program" "$@"
