#!/bin/sh
# rustc for the members of the workspace, as cargo calls it when fuzz targets are built:
# with the marks of coverage that libFuzzer goes by, but not in build scripts. What they
# depend on is built as ever, and shared with the tests.
rustc=$1
shift
case " $* " in
  *" --crate-name build_script_"* | *" --crate-name ___ "*) exec "$rustc" "$@" ;;
esac
exec "$rustc" "$@" -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares
