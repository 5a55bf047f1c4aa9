import { Component, type ReactNode } from 'react'
import { errors } from '../texts'

/** Instead of a blank page: what happened, that nothing is lost, and the way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main className="plain" role="alert">
        <h1>{errors.crashTitle}</h1>
        <p>{errors.crash}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {errors.reload}
        </button>
      </main>
    )
  }
}
