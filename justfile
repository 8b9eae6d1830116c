# jobstorm: `npx -y rust-just` lists these; every recipe installs and builds what it needs.

# Arguments reach the commands as they were quoted, and `exec` lets a SIGTERM to just reach them too.
set positional-arguments

# List the recipes
default:
    @{{ just_executable() }} --list --unsorted

# Submit JOBS jobs, follow every one to its end, and say how fast it went and what limited it
[group('measure')]
perf-test *args:
    @exec node bin/jobstorm perf-test "$@"

# Run a worker: slots, then CPUs (FAKTORY_SERVER_IP names the server)
[group('parts')]
worker *args:
    @exec node bin/jobstorm worker "$@"

# Run the embedded Faktory-compatible server
[group('parts')]
server *args:
    @exec node bin/jobstorm server "$@"

# Run the api-service: HTTP in, batches out
[group('parts')]
api *args:
    @exec node bin/jobstorm api "$@"

# Run the control room
[group('parts')]
dashboard *args:
    @exec node bin/jobstorm dashboard "$@"

# Types, lint, and all tests that this machine can run; words choose test files by their paths
[group('develop')]
test *words: check
    @node bin/test.mjs "$@"

# The same with the long counts
[group('develop')]
test-full *words: check
    @node bin/test.mjs --full "$@"

# Types and lint only
[group('develop')]
check: build
    @npx tsc --noEmit
    @npx biome check .

# Format and lint, mending what can be mended
[group('develop')]
fix: build
    @npx biome check --write .

# Side-by-side measurements; without arguments it lists them
[group('develop')]
bench *args: build
    @node --import tsx bench/bench.ts "$@"

# Install packages and build dist/, where either is missing or old
[group('develop')]
build:
    @node bin/prepare.mjs
