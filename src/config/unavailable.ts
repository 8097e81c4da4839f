/** What is said of a key or a value that the schema lists for a later version. */
export const UNAVAILABLE = 'not available in this version'
