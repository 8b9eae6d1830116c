// Why a job was given up that took longer than it may.

export class JobTimeout extends Error {
  constructor(ms: number) {
    super(`the job took longer than the ${ms / 1000} s that it may; what it still does is not looked at`);
    this.name = 'JobTimeout';
  }
}
