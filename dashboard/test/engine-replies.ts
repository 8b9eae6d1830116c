// What Docker engines answer, shortened to what stands for something: a container under a CPU limit, read on a host with cgroup v1
// (Docker 20.10) and on one with cgroup v2 (Docker 27).

export const statsV1 = {
  read: '2026-11-23T00:40:14.751658179Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: { current: 16 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'Read', value: 4096 },
      { major: 254, minor: 0, op: 'Write', value: 20480 },
      { major: 254, minor: 0, op: 'Sync', value: 24576 },
      { major: 254, minor: 0, op: 'Total', value: 24576 },
      { major: 254, minor: 16, op: 'Read', value: 1 },
    ],
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: {
    cpu_usage: {
      total_usage: 7301241227,
      percpu_usage: [3870787642, 3430453585],
      usage_in_kernelmode: 2890000000,
      usage_in_usermode: 4400000000,
    },
    system_cpu_usage: 28371760000000,
    online_cpus: 2,
    throttling_data: { periods: 4134, throttled_periods: 12, throttled_time: 164243499 },
  },
  memory_stats: {
    usage: 9748480,
    max_usage: 12824576,
    stats: { cache: 1040384, rss: 7385088, inactive_file: 4096, total_inactive_file: 16384, total_rss: 7385088 },
    limit: 25276063744,
  },
  name: '/demo-faktory-1',
  id: 'a69263de8c41a5c2aa1c623411b32333492b31c0206c9c7baf5e3eccbf865a53',
  networks: {
    eth0: { rx_bytes: 261587, rx_packets: 3872, tx_bytes: 814366, tx_packets: 2933 },
    eth1: { rx_bytes: 13, rx_packets: 1, tx_bytes: 34, tx_packets: 1 },
  },
};

export const statsV2 = {
  read: '2026-11-23T00:40:14.751658179Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: { current: 11, limit: 18446744073709552000 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 259, minor: 0, op: 'read', value: 12288 },
      { major: 259, minor: 0, op: 'write', value: 4096 },
    ],
    io_serviced_recursive: null,
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: {
    cpu_usage: { total_usage: 1500000000, usage_in_kernelmode: 500000000, usage_in_usermode: 1000000000 },
    system_cpu_usage: 28371760000000,
    online_cpus: 8,
    throttling_data: { periods: 100, throttled_periods: 40, throttled_time: 2500000 },
  },
  memory_stats: {
    usage: 52428800,
    stats: { anon: 40000000, file: 12000000, active_file: 2000000, inactive_file: 10000000, slab: 400000 },
    limit: 4294967296,
  },
  name: '/demo-worker-1',
  id: 'b'.repeat(64),
  networks: { eth0: { rx_bytes: 5, tx_bytes: 7 } },
};

/** For a container that does not run. */
export const statsOfNone = {
  read: '0001-01-01T00:00:00Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: {},
  blkio_stats: { io_service_bytes_recursive: null },
  cpu_stats: {
    cpu_usage: { total_usage: 0 },
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  },
  memory_stats: {},
  name: '/demo-faktory-1',
};

export const listed = {
  Id: statsV1.id,
  Names: ['/demo-faktory-1'],
  Image: 'contribsys/faktory:1.10.0',
  ImageID: 'sha256:4c6af0fda720',
  Command: '/faktory -e production --secret-argument',
  Created: 1795393523,
  Ports: [],
  Labels: {
    'com.docker.compose.project': 'demo',
    'com.docker.compose.service': 'faktory',
    'io.jobstorm.part': 'faktory',
  },
  State: 'running',
  Status: 'Up 14 minutes',
};

export const inspected = {
  Id: statsV1.id,
  Config: { Env: ['FAKTORY_PASSWORD=hunter2'], Cmd: ['--secret-argument'] },
  HostConfig: { NanoCpus: 8000000000, CpuQuota: 0, CpuPeriod: 0, Memory: 0 },
};
