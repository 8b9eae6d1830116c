// Where this process's control groups are, from the texts of /proc/self/cgroup and /proc/self/mountinfo. Pure.
//
//   /proc/self/cgroup    4:memory:/docker/63067f      version 1: a hierarchy for each controller or pair of them
//                        0::/user.slice/session       version 2: one for all that version 1 has not taken
//   mountinfo            … /docker/63067f /sys/fs/cgroup/memory … - cgroup cgroup rw,memory
//                           what is mounted     where
//
// In a container the mount's root is often the container's own group, so a path holds from there on only.

export type CgroupController = 'cpu' | 'cpuacct' | 'memory';

export interface CgroupFolders {
  version: 1 | 2;
  /** The process's own folder, then those above it as far as they can be seen. Never empty. */
  chain: string[];
}

interface Mount {
  version: 1 | 2;
  root: string;
  path: string;
  /** Of version 1; empty for version 2. */
  controllers: string[];
}

/** In mountinfo blanks and the like are written as \040. */
function unescapeMount(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , , root, path] = before!.split(' ');
    const [kind, , options] = after?.split(' ') ?? [];
    if (!root || !path || (kind !== 'cgroup' && kind !== 'cgroup2')) return [];
    return {
      version: kind === 'cgroup2' ? 2 : 1,
      root: unescapeMount(root),
      path: unescapeMount(path),
      controllers: kind === 'cgroup2' ? [] : (options?.split(',') ?? []),
    };
  });
}

/** Controllers (joined by commas; empty for version 2) to the path in their hierarchy. */
function parseGroups(text: string): { controllers: string[]; path: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    return match ? { controllers: match[1] === '' ? [] : match[1]!.split(','), path: match[2]! } : [];
  });
}

/** `/a/b` below `/m`: /m/a/b, /m/a, /m. */
function chainOf(mount: Mount, path: string): string[] {
  const root = mount.root === '/' ? '' : mount.root;
  const below = path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : '';
  const steps = below.split('/').filter((step) => step !== '' && step !== '..');
  return Array.from({ length: steps.length + 1 }, (_, up) =>
    [mount.path, ...steps.slice(0, steps.length - up)].join('/'),
  );
}

/** The folders of a controller; null: there is none, or it can't be seen from here. */
export function findCgroup(
  controller: CgroupController,
  cgroupText: string,
  mountinfoText: string,
): CgroupFolders | null {
  const mounts = parseMounts(mountinfoText);
  const groups = parseGroups(cgroupText);
  const own = groups.find(({ controllers }) => controllers.includes(controller));
  const group = own ?? groups.find(({ controllers }) => controllers.length === 0);
  const mount = own
    ? mounts.find(({ controllers }) => controllers.includes(controller))
    : mounts.find(({ version }) => version === 2);
  return group && mount ? { version: mount.version, chain: chainOf(mount, group.path) } : null;
}
