import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Keeper, Turn, type TurnMember } from '../src/turn.ts';

/** Stores what it is told to when the test says so. */
class FakeKeeper implements Keeper {
  position = 0;
  stored = 0;
  isCrowded = false;
  /** Where a commit that is under way will end; 0: none is. */
  storing = 0;
  commits = 0;
  onDirty = () => {};
  onStored = () => {};

  get ready(): number {
    return this.storing > 0 ? 0 : this.position - this.stored;
  }

  change(bytes = 1): void {
    this.position += bytes;
    this.onDirty();
  }

  commit(): void {
    if (this.ready === 0) return;
    this.commits++;
    this.storing = this.position;
  }

  settle(): void {
    this.stored = this.storing;
    this.storing = 0;
    this.onStored();
    if (this.ready > 0) this.onDirty();
  }
}

class FakeMember implements TurnMember {
  heldUntil = 0;
  out = '';
  readonly sent: string[] = [];
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  reply(text: string, promise: boolean): void {
    if (promise) this.heldUntil = this.#turn.position;
    if (this.out === '') this.#turn.gather(this);
    this.out += text;
  }

  run(): void {}
  resume(): void {}

  send(): void {
    this.sent.push(this.holdBack());
  }

  holdBack(): string {
    const { out } = this;
    this.out = '';
    return out;
  }

  sendHeld(text: string): void {
    this.sent.push(text);
  }
}

function setUp() {
  const keeper = new FakeKeeper();
  const clock = { ms: 0 };
  const turn = new Turn(keeper, () => clock.ms);
  return { keeper, clock, turn, member: new FakeMember(turn), other: new FakeMember(turn) };
}

test('what comes in while turns bring more is stored by one sync', () => {
  const { keeper, turn, member } = setUp();
  for (let i = 0; i < 3; i++) {
    keeper.change();
    member.reply('a', true);
    turn.end();
    assert.equal(keeper.commits, 0);
  }
  turn.end();
  assert.equal(keeper.commits, 1);
  assert.equal(keeper.storing, 3);
});

test('a sync does not wait for ever, nor for more than is worth it', () => {
  const { keeper, clock, turn, member } = setUp();
  for (; clock.ms < 1 && keeper.commits === 0; clock.ms += 0.1) {
    keeper.change();
    member.reply('a', true);
    turn.end();
  }
  assert.equal(keeper.commits, 1);
  assert.equal(keeper.storing, 6);
  keeper.settle();
  turn.end();
  keeper.change(1024 * 1024);
  member.reply('b', true);
  turn.end();
  assert.equal(keeper.commits, 2);
});

test('no reply overtakes one of the same connection that is held back, whether that is stored by then or not', () => {
  const { keeper, turn, member, other } = setUp();
  keeper.change();
  member.reply('promise ', true);
  turn.end();
  turn.end();
  assert.deepEqual(member.sent, []);
  member.reply('plain ', false);
  other.reply('plain', false);
  turn.end();
  assert.deepEqual(member.sent, []);
  assert.deepEqual(other.sent, ['plain']);
  keeper.settle();
  member.reply('late ', false); // stored, and what was held back is not sent yet
  turn.send(member);
  assert.deepEqual(member.sent, []);
  turn.end();
  turn.end();
  assert.equal(member.sent.join(''), 'promise plain late ');
});

test('the next sync begins before the replies of the last one are sent', () => {
  const { keeper, turn, member, other } = setUp();
  keeper.change();
  member.reply('a', true);
  turn.end();
  turn.end();
  keeper.change();
  other.reply('b', true);
  turn.end();
  keeper.settle();
  const commitsAtReply: number[] = [];
  member.sendHeld = () => commitsAtReply.push(keeper.commits);
  turn.end();
  turn.end();
  assert.deepEqual(commitsAtReply, [2]);
  assert.deepEqual(other.sent, []);
});
