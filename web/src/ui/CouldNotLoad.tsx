import { app } from '../texts'
import { errorMessage } from './errorMessage'

/** Says why something could not be loaded, and loads it again when a person says so. */
export function CouldNotLoad({ error, again }: { error: unknown; again: () => void }) {
  return (
    <p className="problem">
      {errorMessage(error)}{' '}
      <button type="button" className="link" onClick={again}>
        {app.tryAgain}
      </button>
    </p>
  )
}
