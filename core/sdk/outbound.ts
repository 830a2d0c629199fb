/** A call to a server elsewhere. */
export interface FetchInput {
  /** http or https. */
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For all of it, redirects included; absent: 10 seconds, at most 60. */
  readonly timeoutMs?: number;
  /** Of the answer; absent: 1 MB, at most 20. */
  readonly maxBytes?: number;
}

/** What it answered, whatever the status. */
export interface FetchAnswer {
  readonly status: number;
  /** Names in small letters; several values are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The address that answered at last. */
  readonly url: string;
}
