import { ApiError } from '../api/client'
import { LoginNeeded } from '../socket'
import { errors } from '../texts'

/** Any error as a sentence for a person; the server's own words where it chose them for one. */
export function explain(error: unknown): string {
  if (error instanceof LoginNeeded) return errors['401'] ?? ''
  if (!(error instanceof ApiError)) return errors.other ?? ''
  if (error.status === 0) return errors.unreachable ?? ''
  if (error.status >= 500) return errors['5xx'] ?? ''
  const worded = error.message && error.message !== error.code && !/^\w+$/.test(error.message)
  return worded && error.status !== 401 ? error.message : (errors[error.status] ?? errors.other ?? '')
}
