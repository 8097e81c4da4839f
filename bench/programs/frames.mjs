// The two frames of the WebSocket row, 100 bytes of text each way. Made once: what is compared is what lies between.
const text = Buffer.alloc(100, 'x')
const mask = Buffer.from([1, 2, 3, 4])

/** As a client sends it: masked. */
export const sentFrame = Buffer.concat([
  Buffer.from([0x81, 0x80 | text.length]),
  mask,
  text.map((byte, index) => byte ^ mask[index % 4]),
])
export const answeredFrame = Buffer.concat([Buffer.from([0x81, text.length]), text])
