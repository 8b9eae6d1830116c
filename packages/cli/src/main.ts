// The command line: the first word says which command; each is loaded only when it is asked for.

import { ExitCode, reportError } from '@jobstorm/program';
import { version } from './version.ts';

type Main = (argv: readonly string[]) => Promise<number>;

interface Command {
  about: string;
  load(): Promise<Main>;
}

const commands: Record<string, Command> = {
  up: {
    about: 'start the server side or a worker on this host, and come back once it works',
    load: async () => (await import('./operate/up.ts')).up,
  },
  down: {
    about: "end this checkout's parts on this host, jobs finishing first",
    load: async () => (await import('./operate/down.ts')).down,
  },
  status: {
    about: "show this checkout's parts on this host",
    load: async () => (await import('./operate/status.ts')).status,
  },
  logs: {
    about: 'print what they say',
    load: async () => (await import('./operate/logs.ts')).logs,
  },
  link: {
    about: "print the dashboard's link",
    load: async () => (await import('./operate/link.ts')).link,
  },
  clean: {
    about: 'end them and delete their volumes, images and logs',
    load: async () => (await import('./operate/clean.ts')).clean,
  },
  'perf-test': {
    about: 'submit jobs, follow every one to its end, say how fast it went and what limited it',
    load: async () => (await import('./perf-test.ts')).perfTest,
  },
  tune: {
    about: 'find the slots, CPUs and batches that give most, in view, and keep them',
    load: async () => (await import('./tune/tune.ts')).tune,
  },
  watch: {
    about: 'the dashboard in a terminal: what a run does while it goes',
    load: async () => (await import('./watch.ts')).watch,
  },
  compare: {
    about: 'lay two results of perf-test side by side: same, better or worse, by more than their noise',
    load: async () => (await import('./compare-command.ts')).compare,
  },
  'stress-test': {
    about: 'the same with all jobs in one request, 10,000 unless told otherwise',
    load: async () => (await import('./stress-test.ts')).stressTest,
  },
  'chaos-test': {
    about: 'kill workers, and the server, while a million jobs go through; and say what became of every job',
    load: async () => (await import('./chaos/chaos-test.ts')).chaosTest,
  },
  soak: {
    about: 'a steady rate for hours, and whether memory, open files, latency or backlog grow',
    load: async () => (await import('./soak/soak.ts')).soak,
  },
  'test-batch': {
    about: 'submit ten mixed jobs and check that each ends as it should',
    load: async () => (await import('./test-batch.ts')).testBatch,
  },
  'worker-stats': {
    about: 'show what each worker does right now',
    load: async () => (await import('./worker-stats.ts')).workerStats,
  },
  set: {
    about: 'change settings of workers or of the api-service while they run',
    load: async () => (await import('./set.ts')).set,
  },
  doctor: {
    about: 'look over this machine, the settings and the server, with a remedy beside each finding',
    load: async () => (await import('./operate/doctor/doctor.ts')).doctor,
  },
  server: {
    about: 'run the embedded Faktory-compatible server in front',
    load: async () => (await import('@jobstorm/server-node')).main,
  },
  worker: {
    about: 'run a worker in front: thousands of slots fed from a few connections',
    load: async () => (await import('@jobstorm/worker-node')).main,
  },
  api: {
    about: 'run the api-service in front: HTTP in, batches out',
    load: async () => (await import('@jobstorm/api-service')).main,
  },
  dashboard: {
    about: 'run the control room in front',
    load: async () => (await import('@jobstorm/dashboard')).main,
  },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'usage: jobstorm COMMAND [settings]',
    '',
    'How many jobs a second a Faktory-style job server sustains, and what limits it.',
    '',
    'commands:',
    ...Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
    '',
    '  jobstorm COMMAND -h teaches a command; jobstorm --version says which one this is',
    '',
    'examples:',
    '  just perf-test 10000',
    '      a cluster on this machine, 10,000 jobs through it, and what limited them',
    '  FAKTORY_SERVER_IP=192.168.1.100 just perf-test 100000',
    '      the same against a Faktory that runs there',
    '  FAKTORY_SERVER_IP=192.168.1.100 just worker 6000 8.0',
    '      6,000 slots on up to 8 cores for that Faktory',
    '  just server',
    '      Faktory and the rest in containers on this machine, and the line for worker machines',
    '',
  ].join('\n');
}

/** The known command that shares most of its letters, in order, with what was typed; null when none is near. */
function suggestion(word: string): string | null {
  const near = Object.keys(commands)
    .map((name) => ({ name, shared: sharedLetters(word, name) / Math.max(word.length, name.length) }))
    .sort((a, b) => b.shared - a.shared)[0];
  return near && near.shared >= 0.6 ? near.name : null;
}

/** Length of the longest common subsequence. */
function sharedLetters(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const next = [0];
    for (let i = 1; i <= b.length; i++) {
      next.push(b[i - 1] === letter ? row[i - 1]! + 1 : Math.max(row[i]!, next[i - 1]!));
    }
    row = next;
  }
  return row[b.length]!;
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word === undefined || word === '-h' || word === '--help' || word === 'help') {
    process.stdout.write(overview());
    return word === undefined ? ExitCode.badSettings : ExitCode.good;
  }
  if (word === '--version' || word === '-V') {
    process.stdout.write(`${version()}\n`);
    return ExitCode.good;
  }
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (!command) {
    const near = suggestion(word);
    const hint = near ? `did you mean ${near}? ` : '';
    process.stderr.write(`jobstorm: unknown command "${word}"; ${hint}-h lists the commands\n`);
    return ExitCode.badSettings;
  }
  return (await command.load())(rest);
}

// A reader that goes away (`jobstorm perf-test | head`) is no reason to leave a cluster behind.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(process.argv[2] ?? '', error);
}
