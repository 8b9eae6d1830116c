// What a page, or a terminal, knows of a control room: the sections of the room's view, the run that is told, and a second one laid over it. Pure: no DOM.

import type { LiveMessage } from './live-sockets.ts';
import type { RunBrief } from './run-feed.ts';
import { RunModel } from './run-model.ts';
import type { ApiView, HostView, RunSummary, ServerView, WorkerView } from './view.ts';

export type LiveWorker = Omit<WorkerView, 'state'> & { state: Omit<WorkerView['state'], 'jobTypes'> };
export type LiveApi = Omit<ApiView, 'phases'>;

/** A run that the page's own room has started. */
export interface Started {
  command: string;
  startedAtMs: number;
  /** Last words of one that failed; null: it goes on or ended well. */
  failed: string | null;
  running: boolean;
}

export interface Sections {
  workers: LiveWorker[];
  apis: LiveApi[];
  runs: RunSummary[];
  server: ServerView | null;
  hosts: HostView[];
  history: { runs: RunBrief[]; trouble: string | null };
  started: Started | null;
}

export class PageState {
  sections: Sections = {
    workers: [],
    apis: [],
    runs: [],
    server: null,
    hosts: [],
    history: { runs: [], trouble: null },
    started: null,
  };
  /** The run that the room tells of. */
  live: RunModel | null = null;
  /** One of the records, looked at in the live one's place. */
  opened: RunModel | null = null;
  /** Laid over what is shown. */
  other: RunModel | null = null;

  get shown(): RunModel | null {
    return this.opened ?? this.live;
  }

  /** Names of what is another thing now: sections, and `run`. */
  take({ sections, run }: LiveMessage): string[] {
    this.sections = { ...this.sections, ...(sections as Partial<Sections>) };
    if (run === null) return Object.keys(sections);
    if (this.live?.id !== run.id || run.from === 0) this.live = new RunModel(run.id);
    // Lines that it has already are passed over: they came twice.
    for (const line of run.lines.slice(this.live.lines - run.from)) this.live.add(line);
    return [...Object.keys(sections), 'run'];
  }

  /** For a connection that comes back. */
  get position(): { run: string; lines: number } | null {
    return this.live && { run: this.live.id, lines: this.live.lines };
  }

  /** A record's text as a model. */
  static read(id: string, text: string): RunModel {
    const model = new RunModel(id);
    for (const line of text.split('\n')) if (line !== '') model.add(JSON.parse(line));
    return model;
  }

  /** Whether that run goes on now: one whose generator has gone does not. */
  goesOn({ id, ended }: RunModel): boolean {
    return !ended && (this.sections.history.runs.find((each) => each.id === id)?.goesOn ?? false);
  }

  /** Whether a run goes on now. */
  get running(): boolean {
    return (this.live !== null && this.goesOn(this.live)) || (this.sections.started?.running ?? false);
  }
}
