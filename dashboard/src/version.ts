// This build's version; the bundler puts it in.

declare const __JOBSTORM_VERSION__: string | undefined;

export const version: string = typeof __JOBSTORM_VERSION__ === 'string' ? __JOBSTORM_VERSION__ : '0.0.0';
