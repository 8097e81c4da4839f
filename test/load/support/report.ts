/** Prints what a run counted, so that a passed one can be read too. */
export function report(promise: string, figures: Readonly<Record<string, unknown>>): void {
  const texts = Object.entries(figures).map(([name, value]) => `${name} ${text(value)}`)
  process.stderr.write(`${promise}: ${texts.join(', ')}\n`)
}

function text(value: unknown): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : JSON.stringify(value)
}
