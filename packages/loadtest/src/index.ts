// The only door to loadtest: plans, pacing, submission, verdicts and results of runs.

export { perfTestCommand, type RunSettings, workerCommand } from './advice.ts';
export { type BatchMeans, batchMeans } from './batch-means.ts';
export { type BatchingSide, batchingSentence, type Joined, joinedSentence } from './batching.ts';
export { buildResult } from './build-result.ts';
export {
  type ChaosInput,
  type ChaosLedger,
  type ChaosReport,
  chaosLedger,
  type Kill,
  type KillRecord,
  killSchedule,
  type Recovery,
  recoveriesOf,
} from './chaos.ts';
export { type ClockFindings, clockFindings, type HostClock, type PartClock } from './clock-findings.ts';
export { differencesBetween, faultsForComparison } from './comparable.ts';
export { type Comparison, compareResults, type FigureCompared, type Finding } from './compare.ts';
export { type ContainerReadings, type ContainerUse, containerUse } from './container-use.ts';
export { type DepthSample, type DepthSummary, summariseDepth } from './depth.ts';
export { directSink } from './direct-sink.ts';
export { type Distribution, mostOf, quantileOf } from './distribution.ts';
export { type Figure, figureOf, figures } from './figures.ts';
export { Follower, type FollowerOptions, type Progress, type RunEnd } from './follower.ts';
export { BacklogGate, type Gate, type Tide, TideGate } from './gate.ts';
export { batchSink, type HttpSinkOptions, singleSink } from './http-sink.ts';
export { type DueOf, type JobTexts, makeJobTexts, textsOf } from './job-text.ts';
export { apiArgs, isArithmetic, isSteadfast, type JobShape, jobArgs, retriesOf } from './jobtypes.ts';
export { celeryTable, type KeyFigure, type KeyMetric, type KeyTable, keyFigures, turbineTable } from './key-metrics.ts';
export { judgeLive, type LiveMoment, type LiveSurroundings } from './live-verdict.ts';
export { closedLoad, type LoadModel, meanRateOf, pacerOf } from './load-model.ts';
export type { Measured, PartMeasured } from './measured.ts';
export type { CpuShare, Measurements } from './measurements.ts';
export { type JobKind, type Mix, mixFailsForGood, mixLimits, mixQueues, plainKind } from './mix.ts';
export { type Overhead, type OverheadFigure, overheadOf } from './overhead.ts';
export { closedPacer, constantPacer, type Pacer } from './pacer.ts';
export { type PartUsage, sumUsage, type UsageReading, usageBetween } from './part-usage.ts';
export { bootstrapInterval, type Interval, leastForP999, rankInterval } from './percentile-interval.ts';
export { failureIsFinal, type MeasuredPart, makePlan, newRunId, type RunPlan, type Via } from './plan.ts';
export { type Known, type Precision, precisionOf } from './precision.ts';
export { type RampStage, rampJobs } from './ramp.ts';
export { seededRandom } from './random.ts';
export { describeRanges } from './ranges.ts';
export { readyScenario, readyScenarios } from './ready-scenarios.ts';
export { joinRepeats, medianOf, medianRun, type Repeats, summariseRepeats } from './repeats.ts';
export {
  type CpuPart,
  type CpuUse,
  cpuParts,
  exitCodeOf,
  type Percentiles,
  type PhaseName,
  phaseNames,
  type RunResult,
} from './result.ts';
export { runResultSchema } from './result-schema.ts';
export { type StreamHeader, type StreamLine, streamText } from './run-stream.ts';
export type { Scaling } from './scaling.ts';
export type { Scenario, ScenarioSettings } from './scenario.ts';
export { type SoakReport, type SoakSlope, type SoakVerdict, soakSlopes } from './soak.ts';
export { findSteadyWindow, type SteadyWindow } from './steady.ts';
export { ownBelow, type Stripe } from './stripe.ts';
export { studentT } from './student.ts';
export {
  emptyTotals,
  type SendOutcome,
  type Sink,
  type SubmitOptions,
  type SubmitTotals,
  submit,
} from './submit.ts';
export { sumTotals, type TotalsData, totalsData, totalsOfLost } from './submit-totals.ts';
export { brokenThreshold, type SoFar } from './threshold-abort.ts';
export type { Stretch } from './threshold-windows.ts';
export { type JudgedThreshold, judgesRate, judgeThresholds, parseThreshold, type Threshold } from './thresholds.ts';
export {
  Timeline,
  type TimelineCounts,
  type TimelineLatency,
  type TimelineMark,
  type TimelinePart,
  type TimelineParts,
  type TimelineReading,
  type TimelineSample,
} from './timeline.ts';
export {
  describeGoal,
  type Goal,
  type Measured as TrialMeasured,
  parseGoal,
  ratePerCore,
  scoreOf,
} from './tune/goal.ts';
export { gridOf } from './tune/grid.ts';
export { hasLost } from './tune/lost-trial.ts';
export type { Ask as TrialAsk, Found, SearchOptions } from './tune/search.ts';
export { type Bounds, type Dimension, describeSetting, dimensions, type Setting, settingKey } from './tune/setting.ts';
export { meanOf } from './tune/trial-book.ts';
export { type FrontPoint, nextStep, paretoFront, type Trial } from './tune/tuner.ts';
export { type Curve, fitCurve, kneeSlots } from './tune/usl.ts';
export { invalidReasons, type ValidityInput, validityLimits } from './validity.ts';
export { type Bottleneck, judge, type Verdict } from './verdict.ts';
export { basisOf, measurementsFrom, type VerdictBasis } from './verdict-basis.ts';
