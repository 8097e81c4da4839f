export function findConsul(): string | undefined
export function buildConsul(): string
