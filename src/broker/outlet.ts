import type { Form } from './encoded.js'

/** Where messages leave this process for one subscriber. Never throws. */
export interface Outlet {
  readonly form: Form
  /** Bytes that wait for its reader; 0 once it is closed. */
  readonly waiting: number
  /** Bytes that may. */
  readonly limit: number
  /** Whether so many bytes may wait for its reader beside those that do. When not, it closes itself as too slow. */
  takes(bytes: number): boolean
  /** `slow`: it has just closed itself, or had; `gone`: its reader left. */
  write(bytes: Buffer): 'written' | 'slow' | 'gone'
}
