import { settings } from '../texts'
import { Dialog } from './Dialog'
export default function SettingsDialog({ close }: { close: () => void }) {
  return <Dialog title={settings.title} close={close}>{settings.loading}</Dialog>
}
