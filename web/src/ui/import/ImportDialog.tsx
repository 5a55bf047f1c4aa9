import { app } from '../../texts'
import { Dialog } from '../Dialog'
export default function ImportDialog({ close }: { file: File | null; close: () => void }) {
  return <Dialog title={app.importLeads} close={close}>…</Dialog>
}
