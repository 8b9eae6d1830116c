// `jobstorm set`: settings of parts that run, by way of the control room that they report to. Thin: the parts decide.

import { asksForHelp, type CommandHelp, ExitCode, reportError, SettingsError } from '@jobstorm/program';
import { type Operation, operate } from './operate/operation.ts';
import { connectRoom, roomSettings } from './room-choice.ts';
import { namesOf, readWords, type SetPart, showSettings } from './set-words.ts';

const help: CommandHelp = {
  usage: 'jobstorm set worker|api [NAME=VALUE …] [settings]',
  about: `Changes every worker, or every api-service, that reports to the control room, while it runs; without NAME=VALUE it shows what is in
force. With fewer slots, jobs that run finish first. It lasts as long as the part runs: a new start has its own settings.
  worker: ${namesOf('worker').join(', ')}
  api:    ${namesOf('api').join(', ')}`,
  examples: [
    ['jobstorm set worker slots=4000', '4,000 slots, over all processes of each worker'],
    ['jobstorm set worker queues=fast:5,slow:1 queue-slots=slow=10', 'other queues, slow in 10 slots at most'],
    ['jobstorm set worker rate-limit=', 'no rate limits any more'],
    ['jobstorm set api batch-max-size=500', 'larger batches'],
    ['jobstorm set worker', 'what is in force'],
  ],
};

async function work(
  operation: Operation<typeof roomSettings>,
  part: SetPart,
  words: readonly string[],
): Promise<number> {
  const { terminal } = operation;
  const mistakes: string[] = [];
  const wanted = readWords(part, words, mistakes);
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  const { room, origin } = await connectRoom(operation);
  try {
    const parts = part === 'worker' ? await room.workers() : await room.apis();
    // The processes of a worker are one.
    const hosts = new Map(parts.map(({ hello }) => [hello.group, hello.host]));
    if (hosts.size === 0) {
      terminal.write(`no ${part} reports to the control room at ${origin}\n`);
      return ExitCode.anythingElse;
    }
    const outcomes = await Promise.all([...hosts.keys()].map((group) => room.configure(group, wanted)));
    for (const [at, host] of [...hosts.values()].entries()) {
      const { inForce, refusal } = outcomes[at]!;
      const said = refusal === null ? '' : `${terminal.red('refused')}: ${refusal}; as before: `;
      terminal.write(`${part} on ${host}: ${said}${showSettings(inForce)}\n`);
    }
    return outcomes.every(({ refusal }) => refusal === null) ? ExitCode.good : ExitCode.badSettings;
  } finally {
    await room.close();
  }
}

const isWord = (word: string) => /^[a-z]+(-[a-z]+)*=/i.test(word);

/** Runs it from its arguments to its exit code. Never throws. */
export async function set(argv: readonly string[]): Promise<number> {
  const [part, ...rest] = argv;
  if (part !== 'worker' && part !== 'api' && !asksForHelp(argv)) {
    const got = part === undefined ? 'nothing' : `"${part}"`;
    return reportError('set', new SettingsError([`expected worker or api, got ${got}; -h says more`]));
  }
  return operate(asksForHelp(argv) ? argv : rest.filter((word) => !isWord(word)), {
    name: 'set',
    help,
    table: roomSettings,
    work: (operation) => work(operation, part as SetPart, rest.filter(isWord)),
  });
}
