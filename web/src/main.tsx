import { createRoot } from 'react-dom/client'
import { BadConfig, loadConfig } from './config'
import { errors } from './texts'
import { App } from './ui/App'
import { ErrorBoundary } from './ui/ErrorBoundary'
import { applyTheme, followTheme } from './ui/theme'
import './styles/index.css'

const root = createRoot(document.getElementById('page') as HTMLElement)

function NotSetUp({ detail }: { detail: string }) {
  return (
    <main className="plain" role="alert">
      <h1>{errors.configTitle}</h1>
      <p>{errors.config}</p>
      <code>{detail}</code>
    </main>
  )
}

async function start() {
  applyTheme()
  followTheme()
  try {
    const config = await loadConfig()
    root.render(
      <ErrorBoundary>
        <App config={config} />
      </ErrorBoundary>,
    )
  } catch (error) {
    root.render(<NotSetUp detail={error instanceof BadConfig ? error.message : String(error)} />)
  }
}

void start()
