import { ApiError } from '../api/client'
import { LoginNeeded } from '../socket'
import { errors } from '../texts'

/** Any error as a sentence for a person; the server's own words where it chose them for one. */
export function errorMessage(error: unknown): string {
  if (error instanceof LoginNeeded) return errors['401'] ?? ''
  if (!(error instanceof ApiError)) return errors.other ?? ''
  if (error.status === 0) return errors.unreachable ?? ''
  if (error.status !== 401 && error.status !== 500 && isSentence(error)) return sentence(error.message)
  return (error.status >= 500 ? errors['5xx'] : errors[error.status]) ?? errors.other ?? ''
}

/** Words the server chose for a person: it gave a code of its own, and more than a single word. */
const isSentence = ({ code, status, message }: ApiError) => code !== String(status) && /\S\s+\S/.test(message)

function sentence(text: string): string {
  const trimmed = text.trim()
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? '' : '.')
}
