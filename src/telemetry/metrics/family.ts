/** One metric as `/metrics` shows it, with all of its series. */
export interface MetricFamily {
  /** `micro_` first; `_total` last where it is a counter. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** No two with the same suffix and labels. */
  readonly samples: Iterable<MetricSample>
}

export interface MetricSample {
  /** Values may hold anything; how many different ones there are must have a bound that no caller can move. */
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
  /** Of the parts of a histogram. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** A room's part of `/metrics`: asked at each reading, so that between readings a room only adds to numbers of its own. */
export type MetricSource = () => readonly MetricFamily[] | Promise<readonly MetricFamily[]>
