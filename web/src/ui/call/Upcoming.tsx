import { upNext } from '../../call/upNext'
import { card as words } from '../../texts'
import { useAgentApp, useNow, useStoreRevision } from '../hooks'
import { Who } from './Who'

/** Who is called next, in the place where the card will be. */
export function Upcoming() {
  const { store } = useAgentApp()
  const now = useNow(30_000)
  useStoreRevision()
  const [lead] = upNext(store.all(), now).next
  if (!lead) return null
  return (
    <div className="upcoming">
      <p className="quiet">{words.upNext}</p>
      <Who lead={lead} />
    </div>
  )
}
