import { EventLoopMeter } from './event-loop-meter.js'
import type { MetricFamily, MetricSource } from './family.js'
import { descriptorLimit, openDescriptors } from './file-descriptors.js'
import { GcMeter } from './gc-meter.js'
import { counter, gauge } from './single.js'

/** What this process takes, under the names that dashboards for Node.js know. Observes nothing until it is asked first. */
export class ProcessMetrics {
  readonly #eventLoop = new EventLoopMeter()
  readonly #gc = new GcMeter()

  readonly source: MetricSource = async () => {
    const [descriptors, limit] = await Promise.all([openDescriptors(), descriptorLimit()])
    return [
      ...processor(),
      gauge('process_start_time_seconds', 'When the process started, in Unix time.', performance.timeOrigin / 1000),
      gauge('process_resident_memory_bytes', 'Memory that the process holds.', process.memoryUsage.rss()),
      ...known('process_open_fds', 'Open file descriptors.', descriptors),
      ...known('process_max_fds', 'The most file descriptors that may be open.', limit),
      ...this.#eventLoop.families(),
      ...heap(),
      this.#gc.family(),
    ]
  }

  close(): void {
    this.#eventLoop.close()
    this.#gc.close()
  }
}

function processor(): MetricFamily[] {
  const { user, system } = process.cpuUsage()
  return [
    counter('process_cpu_user_seconds_total', 'Processor time in the program itself.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'Processor time in the system on its behalf.', system / 1e6),
    counter('process_cpu_seconds_total', 'Processor time, both together.', (user + system) / 1e6),
  ]
}

function heap(): MetricFamily[] {
  const { heapTotal, heapUsed, external } = process.memoryUsage()
  return [
    gauge('nodejs_heap_size_total_bytes', 'The heap of JavaScript objects, as reserved.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'The heap of JavaScript objects, as used.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'What JavaScript objects hold beside the heap, buffers above all.', external),
  ]
}

function known(name: string, help: string, value: number | undefined): MetricFamily[] {
  return value === undefined ? [] : [gauge(name, help, value)]
}
