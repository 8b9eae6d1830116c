// For tests only: what boots, fakes and breaks servers around the code under test, and what compares two of them.

export { chromiumPath, startBrowser } from './browser.ts';
export { Checkout, type Recipe, type RecipeEnd } from './checkout.ts';
export {
  ComposeStack,
  type ComposeStackOptions,
  type DockerEnd,
  docker,
  dockerOutput,
  type InspectedContainer,
} from './compose-stack.ts';
export { type CpuReading, coresBetween, cpuReading } from './container-cpu.ts';
export {
  differences,
  type Exchange,
  ExchangeList,
  hear,
  knows,
  leave,
  type Names,
  open,
  play,
  problemsIn,
  repeatUntil,
  type Step,
  say,
  send,
  type Transcript,
} from './exchange.ts';
export {
  anInteger,
  aTime,
  bulk,
  type Expectation,
  exactly,
  greeting,
  json,
  jsonWith,
  type Matcher,
  matcher,
  startsWith,
} from './expectation.ts';
export { FakeRoom } from './fake-room.ts';
export { type FakeAnswer, type FakeLine, type FakeScript, FakeServer, type FakeServerOptions } from './fake-server.ts';
export { FaultProxy, type Side } from './fault-proxy.ts';
export { type LeakWatch, watchLeaks } from './leaks.ts';
export { NetworkHost, whyNoNetworkHost } from './network-host.ts';
export { freePort } from './port.ts';
export { descendants, isAlive, signalIfAlive } from './process-tree.ts';
export { type RawAddress, RawConnection, type RawHello, type RawReply, rawPasswordHash } from './raw-connection.ts';
export { type RealFaktory, realFaktoryPath, startRealFaktory } from './real-faktory.ts';
export { testCertificate } from './test-certificate.ts';
export { testSeed } from './test-seed.ts';
export { type UntilOptions, until } from './until.ts';
