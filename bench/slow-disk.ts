// A disk that takes so many writes a second and no more: a file as a loop device with a file system on it, held back by the kernel's
// own throttle. Linux, root, and control groups of version 1 (blkio).
// Invariant: after `remove` it is unmounted, its device is given back, and its file is gone.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';

const throttle = '/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device';

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Why none can be made here; null: one can. */
export function whyNoSlowDisk(): string | null {
  if (!existsSync(throttle)) return 'the kernel has no throttle for disks to be seen (blkio, control groups version 1)';
  return process.getuid?.() === 0 ? null : 'a disk can only be mounted by root';
}

export class SlowDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #image: string;
  #device: string | null = null;
  #number = '';
  #mounted = false;

  /** @param folder one that is there and empty; @param writesPerS of the disk, not of its file system */
  constructor(folder: string, writesPerS: number) {
    this.#image = `${folder}/image`;
    this.folder = `${folder}/disk`;
    try {
      mkdirSync(this.folder);
      run('truncate', '-s', '256M', this.#image);
      this.#device = run('losetup', '--show', '-f', this.#image);
      run('mkfs.ext4', '-q', this.#device);
      run('mount', this.#device, this.folder);
      this.#mounted = true;
      this.#number = run('lsblk', '-dno', 'MAJ:MIN', this.#device);
      writeFileSync(throttle, `${this.#number} ${writesPerS}`);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  remove(): void {
    if (this.#number !== '') writeFileSync(throttle, `${this.#number} 0`);
    if (this.#mounted) run('umount', this.folder);
    if (this.#device !== null) run('losetup', '-d', this.#device);
    rmSync(this.#image, { force: true });
  }
}
