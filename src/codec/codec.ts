/** A call as the caller made it; `body` is the request itself, never re-encoded. */
export interface RpcCall {
  /** Full name: `go.micro.srv.greeter`. */
  readonly service: string
  /** `Say.Hello`. */
  readonly method: string
  /** `application/json` or a protobuf type, without parameters. */
  readonly contentType: string
  /** Well-formed and not empty for JSON (`{}` stands for an empty request); raw bytes for protobuf. */
  readonly body: Uint8Array
}

/** What a codec adds to an HTTP request: `headers` is flat (name, value, …). */
export interface EncodedCall {
  /** `/` for go-micro's HTTP transport. */
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

/** A node's answer, read whole. `headers` is flat, spelling kept. */
export interface RpcAnswer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Buffer
}

/** One wire form of RPC. Chosen by a node's metadata `protocol` and the call's content type. */
export interface Codec {
  /** `json-rpc`, `proto-rpc`, `mucp`, … */
  readonly name: string
  encode(call: RpcCall): EncodedCall
  /** The result's bytes, cut from the answer without being re-encoded. Throws MicroError: the service's own, or one that says what is wrong. */
  decode(answer: RpcAnswer, call: RpcCall): Uint8Array
}
