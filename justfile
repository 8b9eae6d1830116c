# jobstorm: `npx -y rust-just` lists these; every recipe installs and builds what it needs.

# Arguments reach the commands as they were quoted, and `exec` lets a SIGTERM to just reach them too.
set positional-arguments

# List the recipes
default:
    @{{ just_executable() }} --list --unsorted

# Start the server side here and come back once it is healthy: Faktory (--embedded: server-node), api-service, dashboard
[group('cluster')]
server *args:
    @exec node bin/jobstorm up server "$@"

# Start a worker here, or replace the one that runs: slots, then CPUs (FAKTORY_SERVER_IP names the server)
[group('cluster')]
worker *args:
    @exec node bin/jobstorm up worker "$@"

# Change the worker without a pause: the new one starts first, the old one leaves when its jobs are done
[group('cluster')]
worker-rolling *args:
    @exec node bin/jobstorm up worker --rolling "$@"

# All on this machine: the server side, then a worker with these slots and CPUs
[group('cluster')]
dev *args:
    @node bin/jobstorm up server
    @exec node bin/jobstorm up worker "$@"

# End this checkout's parts on this host, jobs finishing first; `down worker` only that
[group('cluster')]
down *args:
    @exec node bin/jobstorm down "$@"

# End them and delete volumes, images and logs; asks first (--yes: does not)
[group('cluster')]
clean *args:
    @exec node bin/jobstorm clean "$@"

# Submit JOBS jobs, follow every one to its end, and say how fast it went and what limited it
[group('measure')]
perf-test *args:
    @exec node bin/jobstorm perf-test "$@"

# Lay two results of perf-test --json side by side: same, better or worse, by more than their noise
[group('measure')]
compare *args:
    @exec node bin/jobstorm compare "$@"

# Submit 10,000 jobs in one batch request
[group('measure')]
stress-test *args:
    @exec node bin/jobstorm stress-test "$@"

# Kill workers at random while a million jobs go through, and account for every job (--data DIR: the server too)
[group('measure')]
chaos-test *args:
    @exec node bin/jobstorm chaos-test "$@"

# Submit at a steady rate for hours and say whether anything grows (--resume FILE: go on after ctrl-C)
[group('measure')]
soak *args:
    @exec node bin/jobstorm soak "$@"

# Submit ten jobs of all kinds in a batch and check their results
[group('measure')]
test-batch *args:
    @exec node bin/jobstorm test-batch "$@"

# Find the slots, CPUs and batches that give most, in view (--save keeps them as defaults, --dry-run only says what it would do)
[group('measure')]
tune *args:
    @exec node bin/jobstorm tune "$@"

# Look at this machine before a run: what would limit it, each with what to do
[group('measure')]
doctor *args:
    @exec node bin/jobstorm doctor "$@"

# Print the dashboard's link
[group('watch')]
dashboard *args:
    @exec node bin/jobstorm link "$@"

# The dashboard in a terminal, for those over ssh (ctrl-C ends it)
[group('watch')]
watch *args:
    @exec node bin/jobstorm watch "$@"

# Show this checkout's parts on this host
[group('watch')]
status *args:
    @exec node bin/jobstorm status "$@"

# Show each worker's rate, slots, and CPU against its cap, now
[group('watch')]
worker-stats *args:
    @exec node bin/jobstorm worker-stats "$@"

# Change workers while they run: slots=4000 queues=fast:5,slow:1 …; without a setting: show what is in force
[group('cluster')]
worker-set *args:
    @exec node bin/jobstorm set worker "$@"

# Print the logs of all parts, or of one (--follow: go on)
[group('watch')]
logs *args:
    @exec node bin/jobstorm logs "$@"

# Print the worker's log (--follow: go on)
[group('watch')]
worker-logs *args:
    @exec node bin/jobstorm logs worker "$@"

# Print the logs of the server side (--follow: go on)
[group('watch')]
server-logs *args:
    @exec node bin/jobstorm logs server "$@"

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
    @npx tsc --noEmit && npx tsc --noEmit -p dashboard/web
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
