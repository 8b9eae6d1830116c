// The version that this was built as; sources that run as they are have none.

declare const __JOBSTORM_VERSION__: string;

export const version: string = typeof __JOBSTORM_VERSION__ === 'string' ? __JOBSTORM_VERSION__ : '0.0.0-source';
