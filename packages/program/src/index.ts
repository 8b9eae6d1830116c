// The only door to program: settings, help, exit codes and the life cycle of parts.

export { acceptedTokens, accessKey, bearerToken, isOneOf } from './access.ts';
export { loadDotEnv } from './dotenv.ts';
export { ExitCode, reportError } from './exit.ts';
export { checkExposure, type Exposure } from './exposure.ts';
export { asksForHelp, type CommandHelp, describeSettings, helpText } from './help.ts';
export { type PartMessage, type PartProgram, type RunningPart, runPart } from './lifecycle.ts';
export { type ListenAddress, listenAddress, parseDurationMs, parseList, parseListen } from './parse.ts';
export {
  defineSettings,
  readSettings,
  type Setting,
  SettingsError,
  type SettingsOf,
  type SettingsTable,
} from './settings.ts';
export { isLoopback, jobServerAddress, sharedSettings } from './shared-settings.ts';
