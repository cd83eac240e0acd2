import { createRequire } from 'node:module'

type ApiError = { message: string }
export type Answer = { result?: unknown; error?: ApiError; marker?: string }
type Callback<T> = (body: T, status: number) => void

export type RemoteFile = {
  put(content: string | Buffer, callback: Callback<Answer>): void
  putString(content: string, callback: Callback<Answer>): void
  putJson(content: string, callback: Callback<Answer>): void
  get(callback: (error: ApiError | null, data: Buffer | null) => void): void
  getString(callback: Callback<string>): void
  getJson(callback: Callback<unknown>): void
  exists(callback: (exists: boolean, status?: number, body?: Answer) => void): void
  delete(callback: Callback<Answer>): void
}

export type RemoteDirectory = {
  create(callback: Callback<Answer>): void
  exists(callback: (exists: boolean) => void): void
  delete(force: boolean, callback: Callback<Answer>): void
  file(name: string): RemoteFile
  iterator(): { next(callback: (error: unknown, item?: { data_path: string }) => void): void }
}

export type CallAnswer = {
  status: number
  result: unknown
  error?: { message: string; error_type?: string; stacktrace?: string }
  metadata: { content_type: string; duration: number; stdout?: string }
  /** The result as its type says; throws the error's message when there is one. */
  get(): unknown
}

type RemoteAlgorithm = {
  pipe(input: unknown): { then(done: (answer: CallAnswer) => void): void }
  pipeJson(input: string): { then(done: (answer: CallAnswer) => void): void }
}

export type OfficialClient = {
  file(path: string): RemoteFile
  dir(path: string): RemoteDirectory
  algo(endpoint: string): RemoteAlgorithm
}

/** `algorithmia@0.3.10` as npm has it; it comes without types. */
const algorithmia: { client(key: string, address: string): OfficialClient } = createRequire(import.meta.url)(
  'algorithmia',
)

export function officialClient(key: string, address: string): OfficialClient {
  return algorithmia.client(key, address)
}

/** The client's callback as a promise. */
export function answer<T>(ask: (done: Callback<T>) => void): Promise<{ body: T; status: number }> {
  return new Promise((resolve) => ask((body, status) => resolve({ body, status })))
}
